import { Fault } from "@bootstamp/fault";

/** Every code of {@link LayoutError}; docs/ERRORS.md gives cause and cure. */
export const layoutErrorCodes = [
  "LAYOUT_NO_TABLE",
  "LAYOUT_SECTOR_LENGTH_AMBIGUOUS",
  "LAYOUT_MBR_DAMAGED",
  "LAYOUT_EXTENDED_DAMAGED",
  "LAYOUT_EXTENDED_LOOP",
  "LAYOUT_PROTECTIVE_MBR_MISSING",
  "LAYOUT_GPT_HEADER_DAMAGED",
  "LAYOUT_GPT_ENTRIES_DAMAGED",
  "LAYOUT_GPT_UNSUPPORTED",
  "LAYOUT_BACKUP_DAMAGED",
  "LAYOUT_BACKUP_DIFFERS",
  "LAYOUT_OUT_OF_RANGE",
  "LAYOUT_OVERLAP",
  "LAYOUT_TYPE_UNKNOWN",
  "LAYOUT_REGION_UNCHOSEN",
  "LAYOUT_REGION_MISSING",
  "LAYOUT_REGION_AMBIGUOUS",
  "LAYOUT_REGION_UNUSABLE",
] as const;

export type LayoutErrorCode = (typeof layoutErrorCodes)[number];

export class LayoutError extends Fault<LayoutErrorCode> {}
