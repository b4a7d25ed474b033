import { Fault } from "@bootstamp/fault";

/** Every code of {@link GzipIndexError}; docs/ERRORS.md gives cause and cure. */
export const gzipIndexErrorCodes = [
  "GZINDEX_NOT_GZIP",
  "GZINDEX_STREAM_DAMAGED",
  "GZINDEX_NOT_AN_INDEX",
  "GZINDEX_INDEX_DAMAGED",
  "GZINDEX_INCOMPLETE",
  "GZINDEX_OTHER_FILE",
] as const;

export type GzipIndexErrorCode = (typeof gzipIndexErrorCodes)[number];

export class GzipIndexError extends Fault<GzipIndexErrorCode> {}

/** The fault of a .gz whose bytes at `offset` make no sense. */
export function streamFault(offset: number, detail: string, cause?: unknown): GzipIndexError {
  return new GzipIndexError(
    "GZINDEX_STREAM_DAMAGED",
    `the gzip file is damaged at offset ${offset}: ${detail}`,
    { offset },
    { cause },
  );
}
