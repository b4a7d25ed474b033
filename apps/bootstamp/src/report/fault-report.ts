import { Fault } from "@bootstamp/fault";
import { hintFor } from "./hints.ts";

/** Exit statuses: done is 0. */
export const exitFailed = 1;
export const exitUsage = 2;
export const exitInterrupted = 130;

/** What a failed command comes to: one place decides on the exit status, the hint, and whether a stack is shown. */
export interface FaultReport {
  readonly exitStatus: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** Set for bugs, and for everything when debugging. */
  readonly stack: string | undefined;
}

/** Codes that say that the command line or the spec is wrong, rather than that the work failed. */
const usagePattern = /^(SPEC_|USAGE_|LAYOUT_REGION_|MAP_SETTING$|MAP_PATCH_NOT_STORED$)/;

export function reportFault(error: unknown, debug: boolean): FaultReport {
  if (isAbort(error)) {
    const message = "interrupted; what is done stays done, and the next run goes on from there";
    return { exitStatus: exitInterrupted, code: "INTERRUPTED", message, hint: undefined, stack: undefined };
  }
  if (error instanceof Fault && error.code !== "UNFORESEEN") {
    const exitStatus = usagePattern.test(error.code) ? exitUsage : exitFailed;
    const stack = debug ? error.stack : undefined;
    return { exitStatus, code: error.code, message: error.message, hint: hintFor(error.code), stack };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    exitStatus: exitFailed,
    code: "UNFORESEEN",
    message: `unforeseen failure: ${message}`,
    hint: "this should not happen: please report it, with the lines below",
    stack,
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
