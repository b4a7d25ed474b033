import type { ByteSource } from "@bootstamp/byte-source";
import { type Extent, offsetInStored, type Segment, type MapHead } from "@bootstamp/segment-map";
import { storedOffset, storedParts } from "./stored-run.ts";

/** See {@link StreamFormat.locateStored}. Reads nothing. */
export async function locateStored(
  _map: MapHead,
  segment: Segment,
  _packed: ByteSource,
  rawOffset: number,
  length: number,
): Promise<readonly Extent[]> {
  const parts = storedParts(offsetInStored(segment, rawOffset, length), length);
  return [...parts].map((part) => ({
    offset: segment.packedOffset + storedOffset(part.offset),
    length: part.length,
  }));
}
