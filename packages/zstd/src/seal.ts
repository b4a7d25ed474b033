import type { ByteSource, Patch } from "@bootstamp/byte-source";
import { crc32, patchedCrc32, crcText } from "@bootstamp/crc";
import {
  checkReplaced,
  type PackedWrite,
  type Seal,
  type SegmentMap,
  touchedSegments,
  checkSameFile,
} from "@bootstamp/segment-map";
import { inconsistent } from "./map-fault.ts";
import { checkOwnHeader } from "./own-frame.ts";
import { isOwn, ownTableOffset } from "./own-table.ts";
import { rawCrc32At, recordEndLength, resealRecordEnd } from "./record.ts";
import { sealFrame } from "./seal-frame.ts";
import { readTableChecksum } from "./table-checksum.ts";
import { loadChecksum } from "./xxh64.ts";

/**
 * See {@link StreamFormat.seal}. The writes' bytes are the patch's own, not copies. Reads every frame that the patch
 * touches, one at a time, and digests it before and after: XXH64 cannot be patched as a CRC can. A frame that is
 * damaged is not sealed as if it were good: `MAP_SEGMENT_DAMAGED`.
 */
export async function seal(map: SegmentMap, patch: Patch, packed: ByteSource): Promise<Seal> {
  checkSameFile(map, packed);
  const recordEnd = isOwn(map) ? await readRecordEnd(map, packed) : undefined;
  const checksum = await loadChecksum();
  const found = patch.map(() => crc32.empty);
  const writes: PackedWrite[] = [];
  const tableWrites: PackedWrite[] = [];
  for (const { segment, parts } of touchedSegments(map, patch)) {
    const frame = await packed.read(segment.packedOffset, segment.packedLength);
    if (isOwn(map)) checkOwnHeader(segment, frame);
    const claimed = await readTableChecksum(segment, packed);
    const sealed = sealFrame({ segment, frame, parts, found, checksum, claimed });
    writes.push(...sealed.writes);
    if (segment.formatNote !== undefined)
      tableWrites.push({ offset: segment.formatNote, bytes: sealed.digest });
  }
  checkReplaced(patch, found);
  const before = map.rawCrc32;
  const rawCrc32 = before === undefined ? undefined : patchedCrc32(before, map.rawLength, patch);
  if (recordEnd !== undefined && rawCrc32 !== undefined && rawCrc32 !== before) {
    const offset = ownTableOffset(map) - recordEndLength;
    writes.push({ offset, bytes: resealRecordEnd(recordEnd, rawCrc32) });
  }
  return { writes: [...writes, ...tableWrites], rawCrc32 };
}

/** The end of the record that the file has now, which must be the one that the map was read with. */
async function readRecordEnd(map: SegmentMap, packed: ByteSource): Promise<Uint8Array> {
  const end = await packed.read(ownTableOffset(map) - recordEndLength, recordEndLength);
  const crc = rawCrc32At(end);
  if (crc === map.rawCrc32) return end;
  throw inconsistent(`the record has CRC-32 ${crcText(crc)}, which it had not when it was read`);
}
