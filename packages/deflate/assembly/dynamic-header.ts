// The code lengths of a block at its beginning. RFC 1951 §3.2.7.
//
//   HLIT 5 bits | HDIST 5 | HCLEN 4 | lengths of the code length codes, 3 bits each | runs of lengths, in that code
import { putBits } from "./bit-writer";
import { codeLengths } from "./block-codes";
import { setCodeLengths } from "./code-lengths";
import { codeLengthShift, codeMask, setCodes } from "./codes";
import { distanceCodeCount, firstDistance, lengthCodeCount, symbolCount } from "./symbols";

const ownCount: i32 = 19;
const longestOwn: i32 = 7;
/** The order in which their lengths come: what is seldom used is last, and left out. */
const ownOrder: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
const ownFrequencies: usize = memory.data(4 * ownCount, 16);
const ownLengths: usize = memory.data(ownCount);
const ownCodes: usize = memory.data(4 * ownCount, 16);

/** Both codes' lengths in one row, as runs may go over from one into the other. */
const row: usize = memory.data(symbolCount + 1);
/** Runs, `value << 8 | symbol`, u16. */
const runs: usize = memory.data(2 * symbolCount, 16);
let runsEnd: usize = runs;

const repeatLast: u32 = 16;
const zeros: u32 = 17;
const manyZeros: u32 = 18;

let lengthsSent: i32 = 0;
let distancesSent: i32 = 0;
let ownSent: i32 = 0;

/** Works out the header of the code lengths as they are, and returns its bits. */
export function planHeader(): u32 {
  lengthsSent = lastUsed(codeLengths, lengthCodeCount, 257);
  distancesSent = lastUsed(codeLengths + firstDistance, distanceCodeCount, 1);
  memory.copy(row, codeLengths, lengthsSent);
  memory.copy(row + lengthsSent, codeLengths + firstDistance, distancesSent);
  findRuns(row + lengthsSent + distancesSent);
  setCodeLengths(ownFrequencies, ownCount, longestOwn, ownLengths);
  ownSent = ownCount;
  while (ownSent > 4 && ownLength(ownSent - 1) === 0) ownSent--;
  let bits: u32 = 5 + 5 + 4 + 3 * ownSent;
  for (let symbol: u32 = 0; symbol < <u32>ownCount; symbol++) {
    const each = <u32>load<u8>(ownLengths + symbol) + valueBits(symbol);
    bits += load<u32>(ownFrequencies + (symbol << 2)) * each;
  }
  return bits;
}

/** Writes what was planned. */
export function putHeader(): void {
  putBits(lengthsSent - 257, 5);
  putBits(distancesSent - 1, 5);
  putBits(ownSent - 4, 4);
  for (let index: i32 = 0; index < ownSent; index++) putBits(ownLength(index), 3);
  setCodes(ownLengths, ownCount, ownCodes);
  for (let at = runs; at < runsEnd; at += 2) {
    const run: u32 = load<u16>(at);
    const symbol = run & 255;
    const code = load<u32>(ownCodes + (symbol << 2));
    putBits(code & codeMask, code >> codeLengthShift);
    putBits(run >> 8, valueBits(symbol));
  }
}

function lastUsed(lengths: usize, count: i32, least: i32): i32 {
  while (count > least && load<u8>(lengths + count - 1) === 0) count--;
  return count;
}

function ownLength(index: i32): u32 {
  return load<u8>(ownLengths + load<u8>(ownOrder + index));
}

function valueBits(symbol: u32): u32 {
  if (symbol < repeatLast) return 0;
  return symbol === manyZeros ? 7 : symbol - 14;
}

function findRuns(end: usize): void {
  memory.fill(ownFrequencies, 0, 4 * ownCount);
  runsEnd = runs;
  for (let at = row; at < end;) {
    const length: u32 = load<u8>(at);
    let next = at + 1;
    while (next < end && <u32>load<u8>(next) === length) next++;
    putRun(length, <u32>(next - at));
    at = next;
  }
}

function putRun(length: u32, count: u32): void {
  if (length === 0) {
    for (; count >= 11; count -= min(count, 138)) putSymbol(manyZeros, min(count, 138) - 11);
    if (count >= 3) {
      putSymbol(zeros, count - 3);
      count = 0;
    }
  } else {
    putSymbol(length, 0);
    for (count--; count >= 3; count -= min(count, 6)) putSymbol(repeatLast, min(count, 6) - 3);
  }
  for (; count > 0; count--) putSymbol(length, 0);
}

function putSymbol(symbol: u32, value: u32): void {
  store<u16>(runsEnd, (value << 8) | symbol);
  runsEnd += 2;
  const at = ownFrequencies + (symbol << 2);
  store<u32>(at, load<u32>(at) + 1);
}
