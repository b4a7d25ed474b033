export {
  layoutPlanErrorCodes,
  LayoutPlanError,
  type LayoutComplaint,
  type LayoutNote,
  type LayoutPlanErrorCode,
} from "./layout-plan-error.ts";
export { formatLayout } from "./format-layout.ts";
export { importRepart, type ImportRepartOptions } from "./import-repart.ts";
export { importSfdisk } from "./import-sfdisk.ts";
export { judgeLayout, type JudgedChange, type LayoutChange, type LayoutJudgement } from "./judge-layout.ts";
export type { JudgeFacts, LayoutCost } from "./layout-cost.ts";
export { layoutOfPlan, layoutOfTable, type PartitionExtras } from "./layout-of-table.ts";
export { layoutJsonSchema } from "./layout-schema.ts";
export type { FileSystemChoice, Layout, LayoutPartition, PartitionContent } from "./layout.ts";
export type { PlanFacts } from "./partition-needs.ts";
export { planLayout } from "./plan-layout.ts";
export type { PlannedLayout, PlannedPartition } from "./planned-layout.ts";
export { parseLayout } from "./read-layout.ts";
export type { RepartFile } from "./repart-file.ts";
