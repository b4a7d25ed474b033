import type { ByteSource } from "@bootstamp/byte-source";
import { offsetInStored, type Segment, segmentFault, type MapHead } from "@bootstamp/segment-map";
import {
  storedBlockLength,
  storedHeader,
  storedHeaderLength,
  storedOffset,
  storedParts,
} from "./stored-run.ts";

/** See {@link StreamFormat.readStored}. Reads the blocks' headers along, and checks them. */
export async function readStored(
  _map: MapHead,
  segment: Segment,
  packed: ByteSource,
  rawOffset: number,
  length: number,
): Promise<Uint8Array> {
  const offset = offsetInStored(segment, rawOffset, length);
  const raw = new Uint8Array(length);
  if (length === 0) return raw;
  const start = storedOffset(blockOf(offset)) - storedHeaderLength;
  const end = storedOffset(offset + length - 1) + 1;
  const window = await packed.read(segment.packedOffset + start, end - start);
  for (const part of storedParts(offset, length)) {
    const block = blockOf(part.offset);
    const header = storedOffset(block) - storedHeaderLength - start;
    const blockLength = Math.min(storedBlockLength, segment.rawLength - block);
    if (
      Buffer.compare(window.subarray(header, header + storedHeaderLength), storedHeader(blockLength)) !== 0
    ) {
      throw segmentFault(segment, `no stored block of ${blockLength} bytes begins ${block} bytes into it`);
    }
    const from = storedOffset(part.offset) - start;
    raw.set(window.subarray(from, from + part.length), part.offset - offset);
  }
  return raw;
}

/** Where the block begins that holds the raw byte at `offset` of a run. */
function blockOf(offset: number): number {
  return offset - (offset % storedBlockLength);
}
