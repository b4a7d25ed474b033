import type { EncodeSettings, SegmentMap } from "@bootstamp/segment-map";
import { lzmaMemory } from "./engine/encoder-memory.ts";
import { presetDictionary } from "./engine/preset.ts";
import { shortestWindow } from "./lzma/lzma-window.ts";
import { longestDictionary } from "./lzma2-filter.ts";
import { presetOf } from "./settings.ts";

/** What decoding holds beside the dictionary: the chunk that comes next, two parts of 2 MiB, packed bytes, and tables. */
const besideDictionary: number = 8 * 2 ** 20;

/**
 * See {@link StreamFormat.encoderMemory}. Counts what the engine takes, in this process or in one of its own, and what
 * it hands over. By the time that the block is put together, the engine's memory is free again.
 */
export function encoderMemory(settings: EncodeSettings, pieceLength: number): number {
  const dictionaryLength = Math.min(presetDictionary(settings.level), pieceLength);
  return lzmaMemory(presetOf(settings), dictionaryLength) + pieceLength;
}

/** See {@link StreamFormat.decoderMemory}. The dictionary has room for half as much again, or for 16 MiB. */
export function decoderMemory({ segments }: SegmentMap): number {
  let longest = 0;
  for (const { rawLength } of segments) longest = Math.max(longest, rawLength);
  const window = Math.max(1.5 * Math.min(longest, longestDictionary), Math.min(longest, shortestWindow));
  return window + besideDictionary;
}
