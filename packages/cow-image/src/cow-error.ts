import { Fault } from "@bootstamp/fault";

/** Every code of {@link CowError}; docs/ERRORS.md gives cause and cure. */
export const cowErrorCodes = [
  /** More was written than a stamp is made of. Fields: `blocks`, `limit`. */
  "COW_FULL",
  /** What is where a scratch file would be is none, or damaged. Fields: `scratch`. */
  "COW_SCRATCH_FOREIGN",
  /** A scratch file is of another base, or of another state of the stamp. Fields: `scratch`. */
  "COW_SCRATCH_OTHER",
] as const;

export type CowErrorCode = (typeof cowErrorCodes)[number];

export class CowError extends Fault<CowErrorCode> {}
