import { Fault } from "@bootstamp/fault";

/** Every code of {@link StampFileError}; docs/ERRORS.md gives cause and cure. */
export const stampFileErrorCodes = [
  "STAMP_FILE_FOREIGN",
  /** Fields: `version`. */
  "STAMP_FILE_VERSION",
  "STAMP_FILE_DAMAGED",
  /** Fields: `limit`; what was met, by its own name. */
  "STAMP_FILE_TOO_LARGE",
  /** Fields: `expected`, `actual`. */
  "STAMP_FILE_OTHER_BASE",
  /** Fields: `baseLength`, `variantLength`. */
  "STAMP_FILE_LENGTHS_DIFFER",
] as const;

export type StampFileErrorCode = (typeof stampFileErrorCodes)[number];

export class StampFileError extends Fault<StampFileErrorCode> {}

/** The fault of a stamp whose bytes cannot be one. */
export function damaged(detail: string, cause?: unknown): StampFileError {
  return new StampFileError("STAMP_FILE_DAMAGED", `the stamp is damaged: ${detail}`, {}, { cause });
}

/** The fault of what a stamp has no room for. `found` and `limit` are counts of `unit`. */
export function tooLarge(found: number, limit: number, unit: "bytes" | "runs" | "artifacts"): StampFileError {
  return new StampFileError(
    "STAMP_FILE_TOO_LARGE",
    `a stamp of ${found} ${unit} is refused: at most ${limit} fit`,
    { [unit]: found, limit },
  );
}
