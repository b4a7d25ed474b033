import type { Parts } from "../parts.ts";
import type { Preset } from "./preset.ts";

/**
 * Packs `raw`, 1 byte at least, as LZMA2 data with the end marker. The result is the caller's.
 * @param dictionaryLength a size that LZMA2 can express.
 */
export type Lzma2Encode = (raw: Uint8Array, dictionaryLength: number) => Parts;

/** A program that packs LZMA2. */
export interface Engine {
  readonly name: string;
  /** What the bytes it makes depend on, beside the preset. @throws MapError `MAP_SETTING` where it cannot run. */
  readonly version: () => string;
  readonly open: (preset: Preset) => Lzma2Encode;
}
