// The inner loop of inflating: literals and matches. RFC 1951 §3.2.3, §3.2.5.
import type { BlockCodes } from "./code-lengths.ts";
import { base, endOfBlock, invalid, kindMask, primaryBits, subtable } from "./huffman-table.ts";

/** What a symbol takes at most: 15 + 5 bits of a length, 15 + 13 of a distance; and what is looked at behind them. */
export const symbolMargin = 12;
const longestMatch = 258;

/** Where inflating is, in its input and in its output. */
export interface InflateState {
  /** The input, of which `symbolMargin` bytes behind `inputEnd` may be looked at. */
  view: DataView;
  /** The next bit of the input. */
  at: number;
  /** In `out`, where the next byte goes. */
  to: number;
  /** In `out`, where the member begins, or the window, or nothing that is still known. */
  floor: number;
  readonly out: Uint8Array;
}

export type SymbolsEnd = "end of block" | "input" | "output" | "bad code" | "bad distance";

const primaryMask: number = (1 << primaryBits) - 1;

/**
 * Inflates until bit `atLimit` of the input is passed, the output has no room for a match, or the block ends, and says
 * which. At a bad code or distance the output holds what came before it.
 */
export function inflateSymbols(state: InflateState, codes: BlockCodes, atLimit: number): SymbolsEnd {
  const { view, out, floor } = state;
  const { literals, distances } = codes;
  const toLimit = out.length - longestMatch;
  let { at, to } = state;
  let ended: SymbolsEnd | undefined;
  while (at < atLimit) {
    if (to > toLimit) {
      ended = "output";
      break;
    }
    let bits = view.getInt32(at >>> 3, true) >>> (at & 7);
    let entry = literals[bits & primaryMask] ?? invalid;
    if ((entry & kindMask) === subtable) entry = below(literals, entry, bits);
    if (entry < base) {
      out[to++] = entry >>> 9;
      at += entry & 31;
      continue;
    }
    if ((entry & kindMask) !== base) {
      if ((entry & kindMask) === endOfBlock) at += entry & 31;
      ended = (entry & kindMask) === endOfBlock ? "end of block" : "bad code";
      break;
    }
    let used = entry & 31;
    let extra = (entry >>> 5) & 15;
    const length = ((entry >>> 9) & 0xffff) + ((bits >>> used) & ((1 << extra) - 1));
    const afterLength = at + used + extra;
    bits = view.getInt32(afterLength >>> 3, true) >>> (afterLength & 7);
    entry = distances[bits & primaryMask] ?? invalid;
    if ((entry & kindMask) === subtable) entry = below(distances, entry, bits);
    if ((entry & kindMask) !== base) {
      ended = "bad code";
      break;
    }
    used = entry & 31;
    extra = (entry >>> 5) & 15;
    const afterCode = afterLength + used;
    bits = view.getInt32(afterCode >>> 3, true) >>> (afterCode & 7);
    const from = to - ((entry >>> 9) & 0xffff) - (bits & ((1 << extra) - 1));
    if (from < floor) {
      ended = "bad distance";
      break;
    }
    copyMatch(out, from, to, length);
    to += length;
    at = afterCode + extra;
  }
  state.at = at;
  state.to = to;
  return ended ?? "input";
}

/** The entry that the bits behind the first ten choose. */
function below(table: Int32Array, pointer: number, bits: number): number {
  const index = (bits >>> primaryBits) & ((1 << (pointer & 31)) - 1);
  return table[((pointer >>> 9) & 0xffff) + index] ?? invalid;
}

/** Copies forward: a match may overlap what it makes. Short ones are faster byte by byte. */
function copyMatch(out: Uint8Array, from: number, to: number, length: number): void {
  const end = to + length;
  if (length > 32 && to - from === 1) out.fill(out[from] ?? 0, to, end);
  else if (length > 64 && to - from >= length) out.copyWithin(to, from, from + length);
  else for (let index = to, source = from; index < end; index++, source++) out[index] = out[source] ?? 0;
}
