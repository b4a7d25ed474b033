import type { YamlPath } from "@bootstamp/declaration";
import type { LayoutPlanErrorCode } from "./layout-plan-error.ts";

/** Says what is wrong with what stands at `path` of a layout. */
export type Complain = (code: LayoutPlanErrorCode, path: YamlPath, message: string) => void;
