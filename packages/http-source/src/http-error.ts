import { Fault } from "@bootstamp/fault";

/** Every code of {@link HttpError}; docs/ERRORS.md gives cause and cure. */
export const httpErrorCodes = [
  "HTTP_URL",
  "HTTP_UNREACHABLE",
  "HTTP_STALLED",
  "HTTP_DENIED",
  "HTTP_NOT_FOUND",
  "HTTP_STATUS",
  "HTTP_REDIRECT",
  "HTTP_NO_RANGES",
  "HTTP_NO_LENGTH",
  "HTTP_ENCODED",
  "HTTP_CHANGED",
  "HTTP_BAD_ANSWER",
  "HTTP_CUT_SHORT",
  "HTTP_CLOSED",
] as const;

export type HttpErrorCode = (typeof httpErrorCodes)[number];

export class HttpError extends Fault<HttpErrorCode> {}
