// Passes over the Huffman-coded symbols of one deflate block. RFC 1951 §3.2.2, §3.2.5.
//
// Who only looks for the end of a block needs no symbols, only their lengths in bits. So one table, indexed by the next
// 11 bits, serves both alphabets, and each entry skips as many whole symbols as these bits determine:
//
//   table[0..2048)     the next symbol is a literal, a length or the end of the block
//   table[2048..4096)  the next symbol is a distance
//
//   entry  bits 0..4    how many bits to skip, extra bits included
//          bit  11      the index base for what follows: a distance is next
//          bits 16..20  how many of the 11 index bits were looked at or passed over
//          bit  29      the block ends here (with bit 30)
//          bit  30      stop: the end of the block, or a code longer than 11 bits, or no code at all

const indexBits = 11;
/** Entries of one alphabet's half; in an entry, "a distance is next". */
const halfLength = 1 << indexBits;
const indexMask = halfLength - 1;
const skipMask = 31;
const endFlag = 1 << 29;
const stopFlag = 1 << 30;

const usedShift = 16;
/** RFC 1951 §3.2.7: no code is longer. */
const maxCodeLength = 15;
export const literalCount = 288;
const endOfBlock = 256;

/** One alphabet's code, for codes that are too long for the table. */
interface CanonicalCode {
  /** How many codes there are of each length. */
  readonly counts: Uint16Array;
  /** The symbols by code length, then by value. */
  readonly symbols: Uint16Array;
  /** For each symbol, what {@link SkipTable} entries say of it, without its code's length. */
  readonly effects: Int32Array;
  /** Where the alphabet's half of the table begins. */
  readonly base: number;
}

export interface SkipTable {
  readonly entries: Int32Array;
  readonly literals: CanonicalCode;
  readonly distances: CanonicalCode;
  readonly scratch: Int32Array;
}

export function createSkipTable(): SkipTable {
  return {
    entries: new Int32Array(2 * halfLength),
    literals: createCode(
      0,
      Int32Array.from({ length: literalCount }, (_, symbol) => literalEffect(symbol)),
    ),
    distances: createCode(
      halfLength,
      Int32Array.from({ length: 32 }, (_, symbol) => distanceExtraBits(symbol)),
    ),
    scratch: new Int32Array(halfLength),
  };
}

function createCode(base: number, effects: Int32Array): CanonicalCode {
  return { counts: new Uint16Array(16), symbols: new Uint16Array(effects.length), effects, base };
}

function literalEffect(symbol: number): number {
  if (symbol < endOfBlock) return 0;
  return symbol === endOfBlock ? stopFlag | endFlag : halfLength | lengthExtraBits(symbol);
}

/** RFC 1951 §3.2.5: 257..264 have none, then each four symbols one more, and 285 none again. */
function lengthExtraBits(symbol: number): number {
  return symbol < 265 || symbol >= 285 ? 0 : (symbol - 261) >> 2;
}

/** RFC 1951 §3.2.5: 0..3 have none, then each two symbols one more, up to 13. */
function distanceExtraBits(symbol: number): number {
  return symbol < 4 ? 0 : (symbol >> 1) - 1;
}

/** Sets the table to a block's code lengths: `literalLengths` has at most 288, `distanceLengths` at most 32. */
export function setCodes(table: SkipTable, literalLengths: Uint8Array, distanceLengths: Uint8Array): void {
  setCode(table.entries, table.literals, literalLengths);
  setCode(table.entries, table.distances, distanceLengths);
  chain(table);
}

function setCode(entries: Int32Array, code: CanonicalCode, lengths: Uint8Array): void {
  const { counts, symbols, effects, base } = code;
  sortSymbols(code, lengths);
  // Codes too long for the table stay unset, and so does what an incomplete code leaves free (§3.2.7 allows a
  // distance alone).
  entries.fill(stopFlag, base, base + halfLength);
  let next = 0;
  let reversed = 0;
  for (let length = 1; length <= indexBits; length++) {
    const end = next + (counts[length] ?? 0);
    for (; next < end; next++) {
      const effect = effects[symbols[next] ?? 0] ?? 0;
      const used = base === 0 ? length + (effect & skipMask) : length;
      const entry = (effect + length) | (used << usedShift);
      for (let at = base + reversed; at < base + halfLength; at += 1 << length) entries[at] = entry;
      reversed = nextReversed(reversed, length);
    }
  }
}

function sortSymbols({ counts, symbols }: CanonicalCode, lengths: Uint8Array): void {
  counts.fill(0);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  counts[0] = 0;
  for (let length = 1, next = 0; length <= maxCodeLength; length++) {
    starts[length] = next;
    next += counts[length] ?? 0;
  }
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] ?? 0;
    if (length === 0) continue;
    const place = starts[length] ?? 0;
    symbols[place] = symbol;
    starts[length] = place + 1;
  }
}

/** Only for {@link sortSymbols}, which runs some thousand times a second. */
const starts = new Uint16Array(maxCodeLength + 1);

/** The code after `reversed`, both with their first bit lowest; the same number begins the codes one bit longer. */
export function nextReversed(reversed: number, length: number): number {
  let bit = 1 << (length - 1);
  let next = reversed;
  while ((next & bit) !== 0) {
    next ^= bit;
    bit >>= 1;
  }
  return next | bit;
}

/** Makes each entry whose index bits determine more than one symbol skip them all. */
function chain({ entries, scratch: single }: SkipTable): void {
  single.set(entries.subarray(0, halfLength));
  // Ascending: what is left of an index is a smaller index, so its entry is chained already.
  for (let index = 0; index < halfLength; index++) {
    const first = single[index] ?? 0;
    if (first >= stopFlag) continue;
    const used = first >> usedShift;
    const room = indexBits - used;
    const base = first & halfLength;
    let then = entries[base + (index >> used)] ?? 0;
    if (base === 0 && then >> usedShift > room) then = single[index >> used] ?? 0;
    if (then >= stopFlag || then >> usedShift > room) continue;
    const skip = (first & skipMask) + (then & skipMask);
    entries[index] = (then & halfLength) | skip | ((used + (then >> usedShift)) << usedShift);
  }
}

/** Returns where a block whose symbols begin at bit `from` ends, its end-of-block symbol included. */
export function skipBlock(
  { entries, literals, distances }: SkipTable,
  stream: DataView,
  from: number,
): number {
  let at = from;
  let base = 0;
  for (;;) {
    // 64 bits from `at` in two halves. An entry skips 24 bits at most, so that the third index is still whole.
    const offset = at >>> 3;
    const shift = at & 7;
    const middle = stream.getInt32(offset + 4, true);
    let low = (stream.getInt32(offset, true) >>> shift) | ((middle << 1) << (31 - shift));
    const high = (middle >>> shift) | ((stream.getUint8(offset + 8) << 1) << (31 - shift));
    let entry = entries[base | (low & indexMask)] ?? 0;
    if (entry < stopFlag) {
      const first = entry & skipMask;
      at += first;
      base = entry & halfLength;
      low = (low >>> first) | (high << (32 - first));
      entry = entries[base | (low & indexMask)] ?? 0;
      if (entry < stopFlag) {
        const second = entry & skipMask;
        at += second;
        base = entry & halfLength;
        low = (low >>> second) | ((high >>> first) << (32 - second));
        entry = entries[base | (low & indexMask)] ?? 0;
        if (entry < stopFlag) {
          at += entry & skipMask;
          base = entry & halfLength;
          continue;
        }
      }
    }
    if ((entry & endFlag) !== 0) return at + (entry & skipMask);
    const { length, effect } = readLongCode(stream, at, base === 0 ? literals : distances);
    at += length + (effect & skipMask);
    if ((effect & endFlag) !== 0) return at;
    base = effect & halfLength;
  }
}

/** Reads a code bit by bit: the first code of each length follows the last one of the length before (§3.2.2). */
function readLongCode(stream: DataView, at: number, code: CanonicalCode): { length: number; effect: number } {
  let value = 0;
  let firstValue = 0;
  let firstIndex = 0;
  for (let length = 1; length < code.counts.length; length++) {
    const bit = at + length - 1;
    value = (value << 1) | ((stream.getUint8(bit >>> 3) >>> (bit & 7)) & 1);
    const count = code.counts[length] ?? 0;
    firstValue <<= 1;
    if (value - firstValue < count) {
      const symbol = code.symbols[firstIndex + value - firstValue] ?? 0;
      return { length, effect: code.effects[symbol] ?? 0 };
    }
    firstValue += count;
    firstIndex += count;
  }
  throw new Error(`internal error: no Huffman code at bit ${at} of the deflate stream`);
}
