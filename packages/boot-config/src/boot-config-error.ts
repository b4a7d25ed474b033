import { Fault } from "@bootstamp/fault";

/** Every code of {@link BootConfigError}; docs/ERRORS.md gives cause and cure. */
export const bootConfigErrorCodes = [
  "BOOT_TEXT_BINARY",
  "BOOT_TEXT_SYNTAX",
  "KARGS_INVALID",
  "KARGS_MISSING",
  "KARGS_AMBIGUOUS",
  "KARGS_UNSAYABLE",
  "KARGS_NO_LINE",
  "KARGS_NO_FILE",
  "GRUBENV_DAMAGED",
  "GRUBENV_FULL",
  "GRUBENV_INVALID",
  "CONFIG_TXT_INVALID",
  "CONFIG_TXT_MISSING",
  "IGNITION_INVALID",
  "CLOUD_INIT_INVALID",
] as const;

export type BootConfigErrorCode = (typeof bootConfigErrorCodes)[number];

export class BootConfigError extends Fault<BootConfigErrorCode> {}
