import { Fault, unforeseenCode } from "@bootstamp/fault";
import { hintFor } from "./hints.ts";

/** Exit statuses: done is 0. */
export const exitFailed = 1;
export const exitUsage = 2;
export const exitInterrupted = 130;

const interruptedCode = "INTERRUPTED";

/** Every code that a report has and no `Fault`, beside that of what nobody foresaw; docs/ERRORS.md gives cause and cure. */
export const reportErrorCodes: readonly string[] = [interruptedCode];

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
const usagePattern = /^(SPEC_|PLAN_|USAGE_|LAYOUT_REGION_|LAYOUT_TYPE_UNKNOWN$|MAP_SETTING$)/;

export function reportFault(error: unknown, debug: boolean): FaultReport {
  if (isInterrupt(error)) {
    const message = "interrupted; what is done stays done, and the next run goes on from there";
    return { exitStatus: exitInterrupted, code: interruptedCode, message, hint: undefined, stack: undefined };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  if (error instanceof Fault && error.code !== unforeseenCode) {
    const { code, message } = error;
    const exitStatus = usagePattern.test(code) ? exitUsage : exitFailed;
    return { exitStatus, code, message, hint: hintFor(code), stack: debug ? stack : undefined };
  }
  const message = `unforeseen failure: ${error instanceof Error ? error.message : String(error)}`;
  const hint = "this should not happen: please report it, with the lines below";
  return { exitStatus: exitFailed, code: unforeseenCode, message, hint, stack };
}

/** Whether an error is what an interrupted command ends with. */
export function isInterrupt(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
