export { HttpError, httpErrorCodes, type HttpErrorCode } from "./http-error.ts";
export type { HttpOptions, HttpSourceOptions } from "./http-options.ts";
export { openHttpSource, type HttpSource } from "./http-source.ts";
export { openHttpStream, type HttpStream } from "./http-stream.ts";
export type { HttpCounters } from "./transport.ts";
