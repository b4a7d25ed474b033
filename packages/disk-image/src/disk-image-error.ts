import { Fault } from "@bootstamp/fault";

/** Every code of {@link DiskImageError}; docs/ERRORS.md gives cause and cure. */
export const diskImageErrorCodes = [
  "DISK_NO_PARTITION",
  "DISK_CONTENT_TOO_LARGE",
  "DISK_CONTENT_UNREADABLE",
  "DISK_ENTRY_UNSUPPORTED",
  "DISK_FILE_SYSTEM_ID",
  "DISK_FILE_SYSTEM_LABEL",
  "DISK_SECTOR_LENGTH",
  "DISK_BOOT_CODE",
  "DISK_TOOL_MISSING",
  "DISK_TOOL_FAILED",
  "DISK_BOOT_LOADER",
  "DISK_LOGICAL",
  "DISK_NOT_SHRINKABLE",
  "DISK_FAT_NOT_SHRUNK",
  "DISK_SHRINK_TOO_SMALL",
  "DISK_NOT_CLEAN",
  "DISK_NOTHING_TO_DO",
] as const;

export type DiskImageErrorCode = (typeof diskImageErrorCodes)[number];

export class DiskImageError extends Fault<DiskImageErrorCode> {}
