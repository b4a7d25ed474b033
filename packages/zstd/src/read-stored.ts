import type { ByteSource } from "@bootstamp/byte-source";
import { offsetInStored, type Segment, type MapHead } from "@bootstamp/segment-map";
import { blockHeaderLength } from "./block.ts";
import { maxHeaderLength } from "./frame-header.ts";
import { checkOwnHeader } from "./own-frame.ts";
import { isOwn } from "./own-table.ts";
import { checkBlock, storedLayoutOf, storedOffset, storedParts } from "./stored-layout.ts";

/** See {@link StreamFormat.readStored}. Reads the headers of frame and blocks along, and checks them. */
export async function readStored(
  map: MapHead,
  segment: Segment,
  packed: ByteSource,
  rawOffset: number,
  length: number,
): Promise<Uint8Array> {
  const offset = offsetInStored(segment, rawOffset, length);
  const raw = new Uint8Array(length);
  if (length === 0) return raw;
  const { packedOffset, packedLength } = segment;
  const header = await packed.read(packedOffset, Math.min(maxHeaderLength, packedLength));
  if (isOwn(map)) checkOwnHeader(segment, header);
  const layout = storedLayoutOf(segment, header);
  const firstBlock = offset - (offset % layout.blockLength);
  const start = storedOffset(layout, firstBlock) - blockHeaderLength;
  const end = storedOffset(layout, offset + length - 1) + 1;
  const window = await packed.read(packedOffset + start, end - start);
  for (const part of storedParts(layout, offset, length)) {
    const block = part.offset - (part.offset % layout.blockLength);
    checkBlock(segment, layout, block, window, storedOffset(layout, block) - blockHeaderLength - start);
    const from = storedOffset(layout, part.offset) - start;
    raw.set(window.subarray(from, from + part.length), part.offset - offset);
  }
  return raw;
}
