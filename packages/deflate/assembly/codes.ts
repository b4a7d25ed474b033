// Codes from their lengths. RFC 1951 §3.2.2.
import { longestCode } from "./code-lengths";

/** A code is packed with its length as `length << 24 | code`, the code's first bit lowest, as it is written. */
export const codeMask: u32 = 0xff_ffff;
export const codeLengthShift: u32 = 24;

const nextCodes: usize = memory.data(4 * (longestCode + 1), 16);

/** Puts the codes of `count` symbols to `codes`, u32, whose lengths, u8, make a complete code. */
export function setCodes(lengths: usize, count: i32, codes: usize): void {
  setFirstCodes(lengths, count);
  for (let symbol: i32 = 0; symbol < count; symbol++) {
    const length: u32 = load<u8>(lengths + symbol);
    if (length === 0) continue;
    const next = nextCodes + (length << 2);
    const code = load<u32>(next);
    store<u32>(next, code + 1);
    store<u32>(codes + (symbol << 2), reverse(code, length) | (length << codeLengthShift));
  }
}

/** The first code of each length follows from how many are shorter. */
function setFirstCodes(lengths: usize, count: i32): void {
  memory.fill(nextCodes, 0, 4 * (longestCode + 1));
  for (let symbol: i32 = 0; symbol < count; symbol++) {
    const at = nextCodes + (<u32>load<u8>(lengths + symbol) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let code: u32 = 0;
  let shorter: u32 = 0;
  for (let length: i32 = 1; length <= longestCode; length++) {
    code = (code + shorter) << 1;
    shorter = load<u32>(nextCodes + (length << 2));
    store<u32>(nextCodes + (length << 2), code);
  }
}

@inline
function reverse(code: u32, length: u32): u32 {
  let bits = ((code & 0x5555) << 1) | ((code >> 1) & 0x5555);
  bits = ((bits & 0x3333) << 2) | ((bits >> 2) & 0x3333);
  bits = ((bits & 0x0f0f) << 4) | ((bits >> 4) & 0x0f0f);
  bits = ((bits & 0x00ff) << 8) | (bits >> 8);
  return bits >> (16 - length);
}
