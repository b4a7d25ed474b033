export { PartPlanError, partPlanErrorCodes, type PartPlanErrorCode } from "./part-plan-error.ts";
export { s3Rules, type PartRules } from "./part-rules.ts";
export { planEqualParts } from "./plan-equal-parts.ts";
export { planParts, type PartPlan } from "./plan-parts.ts";
export type { Part, Span } from "./span.ts";
