import { Fault } from "@bootstamp/fault";

/** Every code of {@link ProgramError}; docs/ERRORS.md gives cause and cure. */
export const programErrorCodes = [
  "BUILD_LOCKED",
  "BUILD_BASE_DIGEST",
  "BUILD_OUTPUT_IS_INPUT",
  "BUILD_FOREIGN_FILE",
  "BUILD_STALE",
  "COLLECT_DAMAGED",
  "COLLECT_DOUBLE",
  "COLLECT_MISMATCH",
  "COLLECT_MISSING",
  "DEVICE_UNFIT",
  "OUTPUT_CLOSED",
  "USAGE_ARGUMENT",
  "USAGE_DEVICE",
  "USAGE_NOT_AN_IMAGE",
  "VERIFY_DIFFERS",
  "VERIFY_FAILED",
  "VERIFY_MANIFEST",
] as const;

export type ProgramErrorCode = (typeof programErrorCodes)[number];

/** What the program itself refuses, rather than a package below it: words, files, devices, builds that do not fit. */
export class ProgramError extends Fault<ProgramErrorCode> {}
