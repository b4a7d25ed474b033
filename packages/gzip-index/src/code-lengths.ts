// The codes of a block: fixed, RFC 1951 §3.2.6, or in its header, §3.2.7.
//
//   HLIT (5)  HDIST (5)  HCLEN (4)  HCLEN + 4 lengths of 3 bits, in an order of their own
//   HLIT + 257 and HDIST + 1 lengths of codes, themselves as symbols: 0-15 a length · 16 the last again, 3-6 times ·
//   17 zero 3-10 times · 18 zero 11-138 times
import { createTable, distanceEntries, fillTable, literalEntries } from "./huffman-table.ts";

/** The codes of one block. */
export interface BlockCodes {
  readonly literals: Int32Array;
  readonly distances: Int32Array;
}

export const fixedCodes: BlockCodes = { literals: createTable(), distances: createTable() };
fillTable(
  fixedCodes.literals,
  new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280),
  literalEntries,
);
fillTable(fixedCodes.distances, new Uint8Array(32).fill(5), distanceEntries);

/** The longest header of a dynamic block in bytes, rounded up: 17 + 19 * 3 + 316 * 14 bits. */
export const longestHeader = 570;

const lengthOrder = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);
const symbolEntries: Int32Array = Int32Array.from({ length: 19 }, (_, symbol) => symbol << 9);
const ownLengths = new Uint8Array(19);
const ownTable = createTable();
const lengths = new Uint8Array(286 + 30);

/**
 * Reads the header of a dynamic block from bit `at` of `view`, which reaches 4 bytes behind {@link longestHeader}, into
 * `codes`. Returns the bit behind it, or what is wrong.
 */
export function readDynamicCodes(codes: BlockCodes, view: DataView, at: number): number | string {
  const head = peek(view, at);
  const literalCount = (head & 31) + 257;
  const distanceCount = ((head >>> 5) & 31) + 1;
  if (literalCount > 286 || distanceCount > 30)
    return `a block has ${literalCount} literals and ${distanceCount} distances`;
  const afterOwn = readOwnCode(view, at + 14, ((head >>> 10) & 15) + 4);
  if (typeof afterOwn === "string") return afterOwn;
  const total = literalCount + distanceCount;
  const end = readLengths(view, afterOwn, total);
  if (typeof end === "string") return end;
  if (lengths[256] === 0) return "a block has no code for its end";
  const fault =
    fillTable(codes.literals, lengths.subarray(0, literalCount), literalEntries) ??
    fillTable(codes.distances, lengths.subarray(literalCount, total), distanceEntries);
  return fault === undefined ? end : `a block's codes are ${fault}`;
}

function readOwnCode(view: DataView, from: number, count: number): number | string {
  ownLengths.fill(0);
  let at = from;
  for (let index = 0; index < count; index++, at += 3)
    ownLengths[lengthOrder[index] ?? 0] = peek(view, at) & 7;
  const fault = fillTable(ownTable, ownLengths, symbolEntries);
  const isWhole = fault === undefined && ownLengths.filter((length) => length > 0).length > 1;
  return isWhole ? at : `the code of a block's code lengths is ${fault ?? "incomplete"}`;
}

function readLengths(view: DataView, from: number, total: number): number | string {
  let at = from;
  for (let index = 0; index < total;) {
    const bits = peek(view, at);
    const entry = ownTable[bits & 1023] ?? 0;
    const symbol = (entry >>> 9) & 0xffff;
    const rest = bits >>> (entry & 31);
    at += entry & 31;
    if (symbol < 16) {
      lengths[index++] = symbol;
      continue;
    }
    const extraBits = symbol === 18 ? 7 : symbol - 14;
    const count = (rest & ((1 << extraBits) - 1)) + (symbol === 18 ? 11 : 3);
    at += extraBits;
    if (index + count > total || (symbol === 16 && index === 0))
      return "a block repeats a code length too often";
    lengths.fill(symbol === 16 ? (lengths[index - 1] ?? 0) : 0, index, index + count);
    index += count;
  }
  return at;
}

/** At least 25 bits from bit `at`. */
function peek(view: DataView, at: number): number {
  return view.getInt32(at >>> 3, true) >>> (at & 7);
}
