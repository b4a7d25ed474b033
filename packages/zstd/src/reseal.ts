import type { ByteSource } from "@bootstamp/byte-source";
import {
  type Extent,
  type PackedWrite,
  type Segment,
  type SegmentMap,
  storedSegmentsIn,
  checkSameFile,
} from "@bootstamp/segment-map";
import { checkOwnHeader } from "./own-frame.ts";
import { isOwn, ownTableOffset } from "./own-table.ts";
import { recordEndLength, resealRecordEnd } from "./record.ts";
import { payloadsOf } from "./seal-frame.ts";
import { storedLayoutOf } from "./stored-layout.ts";
import { viewOf } from "./view-of.ts";
import { type Checksum, checksumLength, loadChecksum } from "./xxh64.ts";

/**
 * See {@link StreamFormat.reseal}. Reads the touched frames, one at a time. The record's end must be what some stamp
 * left there: its own checksum is corrected by algebra.
 */
export async function reseal(
  map: SegmentMap,
  changed: readonly Extent[],
  packed: ByteSource,
): Promise<readonly PackedWrite[]> {
  checkSameFile(map, packed);
  const checksum = await loadChecksum();
  const frameWrites: PackedWrite[] = [];
  const tableWrites: PackedWrite[] = [];
  for (const segment of storedSegmentsIn(map, changed)) {
    const frame = await packed.read(segment.packedOffset, segment.packedLength);
    if (isOwn(map)) checkOwnHeader(segment, frame);
    const { hasChecksum, digest } = digestFrame(segment, frame, checksum);
    const end = segment.packedOffset + segment.packedLength - checksumLength;
    if (hasChecksum) frameWrites.push({ offset: end, bytes: digest });
    if (segment.formatNote !== undefined) tableWrites.push({ offset: segment.formatNote, bytes: digest });
  }
  return [...frameWrites, ...(await recordWrites(map, packed)), ...tableWrites];
}

function digestFrame(
  segment: Segment,
  frame: Uint8Array,
  checksum: Checksum,
): { readonly hasChecksum: boolean; readonly digest: Uint8Array } {
  const layout = storedLayoutOf(segment, frame);
  const digest = new Uint8Array(checksumLength);
  viewOf(digest).setUint32(0, checksum(...payloadsOf(segment, layout, frame)), true);
  return { hasChecksum: layout.hasChecksum, digest };
}

async function recordWrites(map: SegmentMap, packed: ByteSource): Promise<PackedWrite[]> {
  if (!isOwn(map) || map.rawCrc32 === undefined) return [];
  const offset = ownTableOffset(map) - recordEndLength;
  const end = await packed.read(offset, recordEndLength);
  return [{ offset, bytes: resealRecordEnd(end, map.rawCrc32) }];
}
