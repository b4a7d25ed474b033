import type { ByteSource } from "@bootstamp/byte-source";
import { type Extent, offsetInStored, type Segment, type MapHead } from "@bootstamp/segment-map";
import { storedParts } from "./lzma/stored-chunks.ts";
import { openStoredBlock, packedOffsetIn } from "./stored-block.ts";

/** See {@link StreamFormat.locateStored}. Reads the block's header. */
export async function locateStored(
  _map: MapHead,
  segment: Segment,
  packed: ByteSource,
  rawOffset: number,
  length: number,
): Promise<readonly Extent[]> {
  const offset = offsetInStored(segment, rawOffset, length);
  const block = await openStoredBlock(segment, packed);
  return [...storedParts(offset, length)].map((part) => ({
    offset: packedOffsetIn(block, part.offset),
    length: part.length,
  }));
}
