import { Fault, type FaultFields } from "./fault.ts";

/** A fault in a form that a structured clone keeps whole: an `Error` loses its own fields between threads. */
export interface PortableFault {
  readonly code: string;
  readonly message: string;
  readonly fields: FaultFields;
  readonly stack: string | undefined;
  /** What the system said, of an error that is its own. */
  readonly system: SystemFailure | undefined;
}

/** By these whoever knows what was being done can say what went wrong: that a disk is full, for one. */
export interface SystemFailure {
  /** Such as `ENOSPC`. */
  readonly code: string;
  /** Such as `write`. */
  readonly syscall: string;
}

/** The code of an error that is no `Fault`: a bug, or a failure that nobody foresaw. */
export const unforeseenCode = "UNFORESEEN";

/** Every code that this package gives to an error; docs/ERRORS.md gives cause and cure. */
export const faultErrorCodes: readonly string[] = [unforeseenCode];

/** Packs any thrown value for a message to another thread. */
export function packFault(error: unknown): PortableFault {
  const stack = error instanceof Error ? error.stack : undefined;
  if (error instanceof Fault)
    return { code: error.code, message: error.message, fields: error.fields, stack, system: undefined };
  return {
    code: unforeseenCode,
    message: error instanceof Error ? error.message : String(error),
    fields: {},
    stack,
    system: systemFailureOf(error),
  };
}

/**
 * Makes a throwable error of what {@link packFault} packed, with the other thread's stack: a `Fault`, but for an error of
 * the system, which is one here too, with its `code` and `syscall`.
 */
export function unpackFault({ code, message, fields, stack, system }: PortableFault): Error {
  const error = system === undefined ? new Fault(code, message, fields) : systemError(message, system);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** What the system said of an error that is its own. */
export function systemFailureOf(error: unknown): SystemFailure | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  const { code, syscall } = error;
  return typeof code === "string" && typeof syscall === "string" ? { code, syscall } : undefined;
}

function systemError(message: string, system: SystemFailure): Error {
  return Object.assign(new Error(message), system);
}
