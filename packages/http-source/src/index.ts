export type { FetchRange } from "./block-fetcher.ts";
export { fetchedSource, type FarBytes, type FetchedSource } from "./fetched-source.ts";
export { HttpError, httpErrorCodes, type HttpErrorCode } from "./http-error.ts";
export type { HttpOptions, HttpSourceOptions } from "./http-options.ts";
export { openHttpSource, type HttpSource } from "./http-source.ts";
export { openHttpStream, type HttpStream } from "./http-stream.ts";
export type { HttpCounters } from "./transport.ts";
