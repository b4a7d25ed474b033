// The codes of a block, lengths and bits. RFC 1951 §3.2.6 and §3.2.7.
import { longestCode, setCodeLengths } from "./code-lengths";
import { codeLengthShift, codeMask, setCodes } from "./codes";
import {
  distanceCodeCount,
  extraBits,
  firstDistance,
  lengthCodeCount,
  lengthSymbol,
  leastValue,
  symbolCount,
} from "./symbols";

/** By symbol, u8. */
export const codeLengths: usize = memory.data(symbolCount);
/** By symbol, u32, as {@link setCodes} makes them. */
export const codes: usize = memory.data(4 * symbolCount, 16);
/** By literal, and by 256 + length less 3: code and extra bits in one, u32 like a code. */
export const lengthCodes: usize = memory.data(4 * 512, 16);
/** By distance symbol less the first: `bits with extra bits << 24 | code length << 16 | code`, u32. */
export const distanceCodes: usize = memory.data(4 * 32, 16);

export function setFixedLengths(): void {
  memory.fill(codeLengths, 8, 144);
  memory.fill(codeLengths + 144, 9, 112);
  memory.fill(codeLengths + 256, 7, 24);
  memory.fill(codeLengths + 280, 8, 8);
  memory.fill(codeLengths + firstDistance, 5, symbolCount - firstDistance);
}

/** The lengths that suit the frequencies of a block best. */
export function setDynamicLengths(frequencies: usize): void {
  memory.fill(codeLengths, 0, symbolCount);
  setCodeLengths(frequencies, lengthCodeCount, longestCode, codeLengths);
  const distances = frequencies + 4 * firstDistance;
  setCodeLengths(distances, distanceCodeCount, longestCode, codeLengths + firstDistance);
}

/** Bits of everything in a block behind its header. */
export function dataBits(frequencies: usize): u32 {
  let bits: u32 = 0;
  for (let symbol: i32 = 0; symbol < symbolCount; symbol++) {
    const each = <u32>load<u8>(codeLengths + symbol) + <u32>load<u8>(extraBits + symbol);
    bits += load<u32>(frequencies + (symbol << 2)) * each;
  }
  return bits;
}

/** Makes the codes that belong to the lengths. */
export function setBlockCodes(): void {
  setCodes(codeLengths, firstDistance, codes);
  setCodes(codeLengths + firstDistance, symbolCount - firstDistance, codes + 4 * firstDistance);
  memory.copy(lengthCodes, codes, 4 * 256);
  for (let index: i32 = 0; index < distanceCodeCount; index++) {
    const code = load<u32>(codes + ((firstDistance + index) << 2));
    const codeLength = code >> codeLengthShift;
    const bits = codeLength + <u32>load<u8>(extraBits + firstDistance + index);
    store<u32>(distanceCodes + (index << 2), (bits << 24) | (codeLength << 16) | (code & codeMask));
  }
  for (let length: u32 = 0; length < 256; length++) {
    const symbol = lengthSymbol(length);
    const code = load<u32>(codes + (symbol << 2));
    const codeLength = code >> codeLengthShift;
    const extra = (length - <u32>load<u16>(leastValue + (symbol << 1))) << codeLength;
    const bits = codeLength + <u32>load<u8>(extraBits + symbol);
    store<u32>(lengthCodes + 4 * 256 + (length << 2), (code & codeMask) | extra | (bits << codeLengthShift));
  }
}
