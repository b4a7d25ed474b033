import { Fault } from "@bootstamp/fault";

/** Every code of {@link BuildError}; docs/ERRORS.md gives cause and cure. */
export const buildErrorCodes = [
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

export type BuildErrorCode = (typeof buildErrorCodes)[number];

export class BuildError extends Fault<BuildErrorCode> {}
