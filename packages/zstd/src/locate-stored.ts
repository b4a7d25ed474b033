import type { ByteSource } from "@bootstamp/byte-source";
import { type Extent, offsetInStored, type Segment, type MapHead } from "@bootstamp/segment-map";
import { maxHeaderLength } from "./frame-header.ts";
import { checkOwnHeader } from "./own-frame.ts";
import { isOwn } from "./own-table.ts";
import { storedLayoutOf, storedOffset, storedParts } from "./stored-layout.ts";

/** See {@link StreamFormat.locateStored}. Reads the frame's header. */
export async function locateStored(
  map: MapHead,
  segment: Segment,
  packed: ByteSource,
  rawOffset: number,
  length: number,
): Promise<readonly Extent[]> {
  const offset = offsetInStored(segment, rawOffset, length);
  const { packedOffset, packedLength } = segment;
  const header = await packed.read(packedOffset, Math.min(maxHeaderLength, packedLength));
  if (isOwn(map)) checkOwnHeader(segment, header);
  const layout = storedLayoutOf(segment, header);
  return [...storedParts(layout, offset, length)].map((part) => ({
    offset: packedOffset + storedOffset(layout, part.offset),
    length: part.length,
  }));
}
