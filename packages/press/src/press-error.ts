import { Fault } from "@bootstamp/fault";

/** Every code of {@link PressError}; docs/ERRORS.md gives cause and cure. */
export const pressErrorCodes = ["PRESS_SELF_CHECK"] as const;

export type PressErrorCode = (typeof pressErrorCodes)[number];

export class PressError extends Fault<PressErrorCode> {}
