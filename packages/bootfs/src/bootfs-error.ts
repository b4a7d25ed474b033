import { Fault } from "@bootstamp/fault";

/** Every code of {@link BootfsError}; docs/ERRORS.md gives cause and cure. */
export const bootfsErrorCodes = [
  "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
  "BOOTFS_TRUNCATED",
  "BOOTFS_DIRTY_JOURNAL",
  "BOOTFS_NOT_CLEAN",
  "BOOTFS_HAS_ERRORS",
  "BOOTFS_ORPHANS",
  "BOOTFS_FEATURE",
  "BOOTFS_CORRUPT",
  "BOOTFS_TOO_LARGE",
  "BOOTFS_NO_SPACE",
  "BOOTFS_NAME",
  "BOOTFS_RANGE",
  "BOOTFS_NOT_FOUND",
  "BOOTFS_EXISTS",
  "BOOTFS_IS_DIRECTORY",
  "BOOTFS_NOT_DIRECTORY",
  "BOOTFS_NOT_FILE",
  "BOOTFS_LINK_LOOP",
  "BOOTFS_NOT_POSSIBLE",
  "BOOTFS_NOT_A_SLOT",
  "BOOTFS_SLOT_FULL",
  "BOOTFS_WRITER_FAILED",
  "BOOTFS_TIMEOUT",
  "BOOTFS_CLOSED",
] as const;

export type BootfsErrorCode = (typeof bootfsErrorCodes)[number];

/** A fault of this package. Where one edit is to blame, the field `edit` is its index and `path` the path it named. */
export class BootfsError extends Fault<BootfsErrorCode> {}
