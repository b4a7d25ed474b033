import {
  DeclarationError,
  type Complaint,
  type DeclarationKind,
  type TextPosition,
} from "@bootstamp/declaration";

/** Every code of {@link LayoutPlanError}; docs/ERRORS.md gives cause and cure. */
export const layoutPlanErrorCodes = [
  "PLAN_SYNTAX",
  "PLAN_UNKNOWN_KEY",
  "PLAN_MISSING_KEY",
  "PLAN_VALUE",
  "PLAN_TOO_LARGE",
  "PLAN_TYPE_UNKNOWN",
  "PLAN_DUPLICATE",
  "PLAN_NOT_WHOLE_SECTORS",
  "PLAN_SIZE_UNKNOWN",
  "PLAN_CONTENT_TOO_LARGE",
  "PLAN_OVERLAP",
  "PLAN_OUT_OF_RANGE",
  "PLAN_NO_ROOM",
  "PLAN_TABLE_LIMIT",
  "PLAN_IMPORT",
] as const;

export type LayoutPlanErrorCode = (typeof layoutPlanErrorCodes)[number];

/** One thing that is wrong with a layout, and where. */
export type LayoutComplaint = Complaint<LayoutPlanErrorCode>;

/** What is wrong with a layout: one line `file:line:column: message` per complaint. */
export class LayoutPlanError extends DeclarationError<LayoutPlanErrorCode> {}

export const layoutKind: DeclarationKind<LayoutPlanErrorCode> = {
  noun: "layout",
  codes: {
    syntax: "PLAN_SYNTAX",
    "unknown-key": "PLAN_UNKNOWN_KEY",
    "missing-key": "PLAN_MISSING_KEY",
    value: "PLAN_VALUE",
    "too-large": "PLAN_TOO_LARGE",
  },
  ErrorClass: LayoutPlanError,
};

/** Something that a person should know of a layout that can be planned all the same. */
export interface LayoutNote {
  readonly position: TextPosition;
  readonly message: string;
}
