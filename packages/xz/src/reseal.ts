import type { ByteSource } from "@bootstamp/byte-source";
import {
  type Extent,
  type PackedWrite,
  type SegmentMap,
  storedSegmentsIn,
  checkSameFile,
} from "@bootstamp/segment-map";
import { readStreamHeader } from "./container/stream-ends.ts";
import { computeCheck } from "./seal-check.ts";
import { openStoredBlock } from "./stored-block.ts";

/** See {@link StreamFormat.reseal}. Each block has its check, and nothing is over the whole. Memory: a chunk. */
export async function reseal(
  map: SegmentMap,
  changed: readonly Extent[],
  packed: ByteSource,
): Promise<readonly PackedWrite[]> {
  checkSameFile(map, packed);
  const check = await readStreamHeader(packed);
  const writes: PackedWrite[] = [];
  if (check.length === 0) return writes;
  for (const segment of storedSegmentsIn(map, changed)) {
    const block = await openStoredBlock(segment, packed);
    const bytes = await computeCheck(check, block, [], packed);
    writes.push({ offset: segment.packedOffset + segment.packedLength - check.length, bytes });
  }
  return writes;
}
