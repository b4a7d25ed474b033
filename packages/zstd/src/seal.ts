import type { ByteSource, Patch, PatchRun } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { MapError, type PackedWrite, type Seal, type SegmentMap } from "@bootstamp/segment-map";
import { hex, inconsistent } from "./map-fault.ts";
import { isOwn, ownTableOffset } from "./own-table.ts";
import { partsBySegment } from "./patch-parts.ts";
import { rawCrc32At, recordEndLength, resealRecordEnd } from "./record.ts";
import { sealFrame } from "./seal-frame.ts";
import { tableChecksums } from "./table-checksums.ts";
import { loadChecksum } from "./xxh64.ts";

/**
 * See {@link StreamFormat.seal}. The writes' bytes are the patch's own, not copies. Reads every frame that the patch
 * touches, one at a time, and digests it before and after: XXH64 cannot be patched as a CRC can. A frame that is
 * damaged is not sealed as if it were good: `MAP_SEGMENT_DAMAGED`.
 */
export async function seal(map: SegmentMap, patch: Patch, packed: ByteSource): Promise<Seal> {
  if (packed.length !== map.packedLength) {
    throw inconsistent(`the map was read from ${map.packedLength} bytes, now there are ${packed.length}`);
  }
  const recordEnd = isOwn(map) ? await readRecordEnd(map, packed) : undefined;
  const touched = partsBySegment(map, patch);
  const inTable = await tableChecksums(map, touched, packed);
  const checksum = await loadChecksum();
  const found = patch.map(() => crc32.empty);
  const writes: PackedWrite[] = [];
  const tableWrites: PackedWrite[] = [];
  for (const { index, segment, parts } of touched) {
    const frame = await packed.read(segment.packedOffset, segment.packedLength);
    const place = inTable.get(index);
    const sealed = sealFrame({ segment, frame, parts, found, checksum, claimed: place?.checksum });
    writes.push(...sealed.writes);
    if (place !== undefined) tableWrites.push({ offset: place.offset, bytes: sealed.digest });
  }
  for (const [index, run] of patch.entries()) checkReplaced(run, found[index]);
  const rawCrc32 = crcAfter(map, patch);
  if (recordEnd !== undefined && rawCrc32 !== undefined && rawCrc32 !== map.rawCrc32) {
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
  throw inconsistent(`the record has CRC-32 ${hex(crc)}, which it had not when it was read`);
}

function crcAfter({ rawCrc32, rawLength }: SegmentMap, patch: Patch): number | undefined {
  let crc = rawCrc32;
  for (const { offset, bytes, replacedCrc32 } of patch) {
    if (crc !== undefined)
      crc = crc32.patch(crc, replacedCrc32, crc32.of(bytes), rawLength - offset - bytes.length);
  }
  return crc;
}

function checkReplaced({ offset, bytes, replacedCrc32 }: PatchRun, found: number = crc32.empty): void {
  if (found === replacedCrc32) return;
  throw new MapError(
    "MAP_PATCH_OTHER_BASE",
    `the patch at offset ${offset} replaces ${bytes.length} bytes of CRC-32 ${hex(replacedCrc32)}, the file has ${hex(found)}`,
    { offset },
  );
}
