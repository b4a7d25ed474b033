import type { ByteSource, Patch, PatchRun } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  MapError,
  type PackedWrite,
  type Seal,
  type Segment,
  type SegmentMap,
  segmentIndexAt,
} from "@bootstamp/segment-map";
import type { Check, Replacement } from "./container/check.ts";
import { readStreamHeader } from "./container/stream-ends.ts";
import { storedParts } from "./lzma/stored-chunks.ts";
import { inconsistent } from "./map-fault.ts";
import { sealCheck } from "./seal-check.ts";
import { openStoredBlock, packedOffsetIn, readStoredBlock } from "./stored-block.ts";

/**
 * See {@link StreamFormat.seal}. Nothing outside the touched blocks depends on their bytes: the writes are the patch's
 * bytes, and each touched block's check. A patch of k bytes costs O(k + log n), and the touched blocks if the check is
 * SHA-256. The bytes that are replaced are held in memory, one touched block's at a time.
 */
export async function seal(map: SegmentMap, patch: Patch, packed: ByteSource): Promise<Seal> {
  if (packed.length !== map.packedLength) {
    throw inconsistent(`the map was read from ${map.packedLength} bytes, now there are ${packed.length}`);
  }
  const check = await readStreamHeader(packed);
  const found = patch.map(() => crc32.empty);
  const writes: PackedWrite[] = [];
  for (const { segment, parts } of partsBySegment(map, patch)) {
    writes.push(...(await sealSegment(check, segment, parts, found, packed)));
  }
  let { rawCrc32 } = map;
  for (const [index, run] of patch.entries()) {
    checkReplaced(run, found[index] ?? crc32.empty);
    const tailLength = map.rawLength - run.offset - run.bytes.length;
    if (rawCrc32 !== undefined) {
      rawCrc32 = crc32.patch(rawCrc32, run.replacedCrc32, crc32.of(run.bytes), tailLength);
    }
  }
  return { writes, rawCrc32 };
}

/** A part of a patch run that lies in one chunk. */
interface RunPart {
  /** Of the run in the patch. */
  readonly index: number;
  /** From the beginning of the segment. */
  readonly offset: number;
  readonly after: Uint8Array;
}

/** All that a patch replaces in one segment. */
interface SegmentParts {
  readonly segment: Segment;
  readonly parts: RunPart[];
}

function partsBySegment(map: SegmentMap, patch: Patch): SegmentParts[] {
  const touched: SegmentParts[] = [];
  let end = 0;
  for (const [index, run] of patch.entries()) {
    if (run.offset < end) {
      throw new RangeError(`patch run at ${run.offset} begins before ${end}, where one ends`);
    }
    end = run.offset + run.bytes.length;
    for (let at = run.offset; at < end;) {
      const segment = storedSegmentAt(map, run, at);
      const stop = Math.min(end, segment.rawOffset + segment.rawLength);
      if (touched.at(-1)?.segment !== segment) touched.push({ segment, parts: [] });
      for (const part of storedParts(at - segment.rawOffset, stop - at)) {
        const from = segment.rawOffset + part.offset - run.offset;
        const after = run.bytes.subarray(from, from + part.length);
        touched.at(-1)?.parts.push({ index, offset: part.offset, after });
      }
      at = stop;
    }
  }
  return touched;
}

function storedSegmentAt(map: SegmentMap, run: PatchRun, at: number): Segment {
  const { offset } = run;
  const { length } = run.bytes;
  const inside = offset + length <= map.rawLength;
  const segment = inside ? map.segments[segmentIndexAt(map, at)] : undefined;
  if (segment?.kind === "stored") return segment;
  const where = inside ? `from ${at} on, not stored` : `beyond the image of ${map.rawLength} bytes`;
  throw new MapError(
    "MAP_PATCH_NOT_STORED",
    `cannot patch ${length} bytes at offset ${offset}: they lie ${where}`,
    { offset, length },
  );
}

/** The writes of one segment. Continues `found`, the CRC-32 of what each run replaces, over the segment's parts. */
async function sealSegment(
  check: Check,
  segment: Segment,
  parts: readonly RunPart[],
  found: number[],
  packed: ByteSource,
): Promise<PackedWrite[]> {
  const block = await openStoredBlock(segment, packed);
  const replacements: Replacement[] = [];
  const writes: PackedWrite[] = [];
  for (const { index, offset, after } of parts) {
    const before = await readStoredBlock(block, packed, offset, after.length);
    found[index] = crc32.of(before, found[index]);
    replacements.push({ offset, before, after });
    writes.push({ offset: packedOffsetIn(block, offset), bytes: after });
  }
  const sealed = await sealCheck(check, block, replacements, packed);
  return sealed.bytes.length === 0 ? writes : [...writes, sealed];
}

function checkReplaced({ offset, bytes, replacedCrc32 }: PatchRun, found: number): void {
  if (found === replacedCrc32) return;
  throw new MapError(
    "MAP_PATCH_OTHER_BASE",
    `the patch at offset ${offset} replaces ${bytes.length} bytes of CRC-32 ${hex(replacedCrc32)}, the file has ${hex(found)}`,
    { offset },
  );
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}
