import type { ByteSource } from "@bootstamp/byte-source";
import { offsetInStored, type Segment, type MapHead } from "@bootstamp/segment-map";
import { openStoredBlock, readStoredBlock } from "./stored-block.ts";

/** See {@link StreamFormat.readStored}. Reads the headers of block and chunks along, and checks them. */
export async function readStored(
  _map: MapHead,
  segment: Segment,
  packed: ByteSource,
  rawOffset: number,
  length: number,
): Promise<Uint8Array> {
  const offset = offsetInStored(segment, rawOffset, length);
  return await readStoredBlock(await openStoredBlock(segment, packed), packed, offset, length);
}
