import type { ByteSource } from "@bootstamp/byte-source";
import type { Segment, SegmentMap } from "@bootstamp/segment-map";
import { openStoredBlock, readStoredBlock } from "./stored-block.ts";

/** See {@link StreamFormat.readStored}. Reads the headers of block and chunks along, and checks them. */
export async function readStored(
  _map: SegmentMap,
  segment: Segment,
  packed: ByteSource,
  rawOffset: number,
  length: number,
): Promise<Uint8Array> {
  const offset = rawOffset - segment.rawOffset;
  if (segment.kind !== "stored" || offset < 0 || length < 0 || offset + length > segment.rawLength) {
    throw new RangeError(`not inside a stored segment: ${length} bytes at raw offset ${rawOffset}`);
  }
  return await readStoredBlock(await openStoredBlock(segment, packed), packed, offset, length);
}
