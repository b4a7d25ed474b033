import { type BlockHeader, lzma2Id } from "./container/block-header.ts";
import { dictionarySize } from "./container/dictionary-size.ts";
import { missing } from "./map-fault.ts";

/** `xz -9` has half of this. A window of it, half as much again, is what decoding may take in memory. */
export const longestDictionary: number = 2 ** 27;

/**
 * The dictionary that a block's only filter asks for, in bytes; no longer than what it decodes to.
 * @throws MapError `MAP_MISSING` where there are other filters, or the dictionary is longer than this program holds.
 */
export function lzma2Dictionary({ filters }: BlockHeader, rawLength: number): number {
  const [filter] = filters;
  if (filter === undefined || filters.length > 1 || filter.id !== lzma2Id || filter.properties.length !== 1) {
    const ids = filters.map(({ id }) => `0x${id.toString(16)}`);
    throw missing(`a block has the filters ${ids.join(", ")}, where LZMA2 (0x21) alone is read`);
  }
  const [code = 0] = filter.properties;
  const size = dictionarySize(code);
  if (size === undefined) throw missing(`a block has the dictionary size number ${code}, which is none`);
  const needed = Math.min(size, rawLength);
  if (needed > longestDictionary) {
    throw missing(`a block wants a dictionary of ${needed} bytes, more than ${longestDictionary}`);
  }
  return needed;
}
