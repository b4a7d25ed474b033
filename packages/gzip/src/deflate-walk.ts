// Finds the last block of a deflate stream. RFC 1951 §3.2.3.
//
//   block   BFINAL (1 bit)  BTYPE (2 bits)  ...
//   BTYPE 0 stored: pad to a byte, LEN, NLEN, LEN bytes · 1 fixed codes · 2 dynamic codes
//
// Blocks say nothing of their own length, so every symbol before the last block has to be passed over. That is done
// without decoding: see skip-table.ts. For streams from an encoder of ours, not for hostile ones: it checks only that
// the codes make sense, and ends with an error at the end of the bytes at the latest.
import { createSkipTable, literalCount, nextReversed, setCodes, skipBlock } from "./skip-table.ts";

/** Bytes that may be looked at, and not used, behind a stream's end. */
export const walkMargin = 9;

/** Where the last block is, in bits from the start. Bits count from the lowest of each byte. */
export interface LastBlock {
  /** Of its BFINAL. */
  readonly headerBit: number;
  /** Behind its last symbol. */
  readonly endBit: number;
}

/**
 * Finds the last block of the deflate stream that begins at byte 0 of `stream`, which reaches {@link walkMargin} bytes
 * beyond its end at least. Streams up to 128 MiB. About 4 ns a byte.
 */
export function findLastBlock(stream: DataView): LastBlock {
  let at = 0;
  for (;;) {
    const header = peek(stream, at);
    const end = walkBlock(stream, at + 3, (header >>> 1) & 3);
    if ((header & 1) === 1) return { headerBit: at, endBit: end };
    at = end;
  }
}

// One is enough: walking is synchronous and leaves nothing in it that matters.
const table = createSkipTable();

function walkBlock(stream: DataView, at: number, type: number): number {
  switch (type) {
    case 0: {
      const lengthOffset = (at + 7) >>> 3;
      return (lengthOffset + 4 + stream.getUint16(lengthOffset, true)) * 8;
    }
    case 1:
      setCodes(table, fixedLengths.subarray(0, literalCount), fixedLengths.subarray(literalCount));
      return skipBlock(table, stream, at);
    case 2:
      return skipBlock(table, stream, readDynamicCodes(stream, at));
    default:
      throw broken(at);
  }
}

/** RFC 1951 §3.2.6. */
const fixedLengths = new Uint8Array(literalCount + 30)
  .fill(8)
  .fill(9, 144, 256)
  .fill(7, 256, 280)
  .fill(5, literalCount);

/** RFC 1951 §3.2.7: the order in which the code length code's own lengths come. */
const lengthOrder = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);
const ownLengths = new Uint8Array(lengthOrder.length);
const ownEntries = new Uint8Array(128);
const codeLengths = new Uint8Array(2 * 320);

/** Sets the table to the codes that a dynamic block's header at bit `from` gives, and returns where it ends. */
function readDynamicCodes(stream: DataView, from: number): number {
  const counts = peek(stream, from);
  const literals = (counts & 31) + 257;
  const distances = ((counts >>> 5) & 31) + 1;
  const own = ((counts >>> 10) & 15) + 4;
  let at = from + 14;
  ownLengths.fill(0);
  for (let index = 0; index < own; index++, at += 3)
    ownLengths[lengthOrder[index] ?? 0] = peek(stream, at) & 7;
  setOwnCode();
  for (let index = 0; index < literals + distances;) {
    const bits = peek(stream, at);
    const entry = ownEntries[bits & 127] ?? 0;
    const length = entry & 7;
    if (length === 0) throw broken(at);
    at += length;
    index = repeat(index, entry >> 3, bits >>> length);
    at += repeatBits(entry >> 3);
  }
  setCodes(table, codeLengths.subarray(0, literals), codeLengths.subarray(literals, literals + distances));
  return at;
}

/** Puts in what code length symbol `symbol` stands for (§3.2.7), and returns the index behind it. */
function repeat(index: number, symbol: number, bits: number): number {
  if (symbol < 16) {
    codeLengths[index] = symbol;
    return index + 1;
  }
  const extra = bits & ((1 << repeatBits(symbol)) - 1);
  const end = index + extra + (symbol === 18 ? 11 : 3);
  codeLengths.fill(symbol === 16 ? (codeLengths[index - 1] ?? 0) : 0, index, end);
  return end;
}

function repeatBits(symbol: number): number {
  if (symbol < 16) return 0;
  return symbol === 18 ? 7 : symbol - 14;
}

/** `ownEntries[next 7 bits]` is a code length symbol times 8, plus its code's length. */
function setOwnCode(): void {
  ownEntries.fill(0);
  let reversed = 0;
  for (let length = 1; length <= 7; length++) {
    for (let symbol = 0; symbol < ownLengths.length; symbol++) {
      if (ownLengths[symbol] !== length) continue;
      for (let at = reversed; at < ownEntries.length; at += 1 << length)
        ownEntries[at] = (symbol << 3) | length;
      reversed = nextReversed(reversed, length);
    }
  }
}

/** At least 25 bits from bit `at`. */
function peek(stream: DataView, at: number): number {
  return stream.getInt32(at >>> 3, true) >> (at & 7);
}

function broken(at: number): Error {
  return new Error(`internal error: the deflate stream makes no sense at bit ${at}`);
}
