// What liblzma takes for encoding, as it works it out itself (xz(1), "Compression preset levels", column "CompMem"):
//
//   window   the dictionary, half as much again, and half a MiB
//   hash     4 bytes for each of a power of two of places: half of the dictionary, or up to as many; above 16 Mi places
//            half of them
//   links    4 bytes for each byte of the dictionary in a hash chain, 8 in a binary tree
import { type Preset, presetOptions } from "./preset.ts";

const mebibyte = 2 ** 20;
const placeLength = 4;
const manyPlaces = 2 ** 24;
/** The coder's own tables, and the hashes of two and three bytes. */
const tablesLength: number = 2 * mebibyte;

/** Bytes of memory that liblzma takes to encode with this preset and dictionary, to a few per cent. */
export function lzmaMemory(preset: Preset, dictionaryLength: number): number {
  const window = 1.5 * dictionaryLength + mebibyte / 2;
  const places = 2 ** Math.max(16, Math.ceil(Math.log2(dictionaryLength)) - 1);
  const hash = places > manyPlaces ? places / 2 : places;
  const links = presetOptions(preset).matchFinder === "bt4" ? 2 : 1;
  return window + placeLength * (hash + links * dictionaryLength) + tablesLength;
}
