import { Fault } from "@bootstamp/fault";

/** Every code of {@link VerityError}; docs/ERRORS.md gives cause and cure. */
export const verityErrorCodes = [
  /** Fields: the setting that was refused. */
  "VERITY_SETTING",
] as const;

export type VerityErrorCode = (typeof verityErrorCodes)[number];

export class VerityError extends Fault<VerityErrorCode> {}
