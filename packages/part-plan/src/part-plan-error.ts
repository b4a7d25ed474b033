import { Fault } from "@bootstamp/fault";

/** Every code of {@link PartPlanError}; docs/ERRORS.md gives cause and cure. */
export const partPlanErrorCodes = [
  /** No number of parts that the rules allow comes to so many bytes. Fields: `length`, `most`. */
  "PARTS_OBJECT_TOO_LARGE",
] as const;

export type PartPlanErrorCode = (typeof partPlanErrorCodes)[number];

export class PartPlanError extends Fault<PartPlanErrorCode> {}
