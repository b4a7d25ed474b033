import { damaged } from "./qcow2-error.ts";

/** A 64-bit field, at `offset` of the file, as a number. @throws Qcow2Error `QCOW2_DAMAGED` beyond 2^53 - 1. */
export function narrow(value: bigint, offset: number): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw damaged(offset, `a field has the value ${value}, more than any file or disk`);
  return Number(value);
}
