import { Fault } from "@bootstamp/fault";

/** Every code of {@link SourceError}; docs/ERRORS.md gives cause and cure. */
export const sourceErrorCodes = [
  "SOURCE_OUT_OF_RANGE",
  "SOURCE_TRUNCATED",
  "SOURCE_CHANGED",
  "SOURCE_UNREADABLE",
  "SOURCE_NOT_A_FILE",
] as const;

export type SourceErrorCode = (typeof sourceErrorCodes)[number];

export class SourceError extends Fault<SourceErrorCode> {}
