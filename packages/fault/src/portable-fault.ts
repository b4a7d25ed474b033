import { Fault, type FaultFields } from "./fault.ts";

/** A fault in a form that a structured clone keeps whole: an `Error` loses its own fields between threads. */
export interface PortableFault {
  readonly code: string;
  readonly message: string;
  readonly fields: FaultFields;
  readonly stack: string | undefined;
}

/** The code of an error that is no `Fault`: a bug, or a failure that nobody foresaw. */
export const unforeseenCode = "UNFORESEEN";

/** Every code that this package gives to an error; docs/ERRORS.md gives cause and cure. */
export const faultErrorCodes: readonly string[] = [unforeseenCode];

/** Packs any thrown value for a message to another thread. */
export function packFault(error: unknown): PortableFault {
  const stack = error instanceof Error ? error.stack : undefined;
  if (error instanceof Fault)
    return { code: error.code, message: error.message, fields: error.fields, stack };
  return {
    code: unforeseenCode,
    message: error instanceof Error ? error.message : String(error),
    fields: {},
    stack,
  };
}

/** Makes a throwable `Fault` of what {@link packFault} packed, with the other thread's stack. */
export function unpackFault(packed: PortableFault): Fault {
  const fault = new Fault(packed.code, packed.message, packed.fields);
  if (packed.stack !== undefined) fault.stack = packed.stack;
  return fault;
}
