import type { ByteSource } from "@bootstamp/byte-source";
import {
  type Extent,
  type PackedWrite,
  type SegmentMap,
  storedSegmentsIn,
  checkSameFile,
} from "@bootstamp/segment-map";
import { encodeTrailerCrc, trailerCrcOffset } from "./header.ts";

/**
 * See {@link StreamFormat.reseal}. Stored segments have no check of their own: all there is to seal is the trailer's
 * CRC-32.
 */
export async function reseal(
  map: SegmentMap,
  changed: readonly Extent[],
  packed: ByteSource,
): Promise<readonly PackedWrite[]> {
  const { packedLength, rawCrc32 } = map;
  checkSameFile(map, packed);
  if (rawCrc32 === undefined) throw new Error("internal error: a map of gzip without a CRC-32");
  for (const _ of storedSegmentsIn(map, changed)) continue;
  return [{ offset: trailerCrcOffset(packedLength), bytes: encodeTrailerCrc(rawCrc32) }];
}
