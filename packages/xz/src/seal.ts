import type { ByteSource, Patch } from "@bootstamp/byte-source";
import { crc32, patchedCrc32 } from "@bootstamp/crc";
import {
  checkReplaced,
  type PackedWrite,
  type PatchPart,
  type Seal,
  type Segment,
  type SegmentMap,
  touchedSegments,
  checkSameFile,
} from "@bootstamp/segment-map";
import type { Check, Replacement } from "./container/check.ts";
import { readStreamHeader } from "./container/stream-ends.ts";
import { storedParts } from "./lzma/stored-chunks.ts";
import { sealCheck } from "./seal-check.ts";
import { openStoredBlock, packedOffsetIn, readStoredBlock } from "./stored-block.ts";

/**
 * See {@link StreamFormat.seal}. Nothing outside the touched blocks depends on their bytes: the writes are the patch's
 * bytes, and each touched block's check. A patch of k bytes costs O(k + log n), and the touched blocks if the check is
 * SHA-256. The bytes that are replaced are held in memory, one touched block's at a time.
 */
export async function seal(map: SegmentMap, patch: Patch, packed: ByteSource): Promise<Seal> {
  checkSameFile(map, packed);
  const check = await readStreamHeader(packed);
  const found = patch.map(() => crc32.empty);
  const writes: PackedWrite[] = [];
  for (const { segment, parts } of touchedSegments(map, patch)) {
    writes.push(...(await sealSegment(check, segment, parts, found, packed)));
  }
  checkReplaced(patch, found);
  const before = map.rawCrc32;
  return { writes, rawCrc32: before === undefined ? undefined : patchedCrc32(before, map.rawLength, patch) };
}

/** The writes of one segment. Continues `found`, the CRC-32 of what each run replaces, over the segment's parts. */
async function sealSegment(
  check: Check,
  segment: Segment,
  parts: readonly PatchPart[],
  found: number[],
  packed: ByteSource,
): Promise<PackedWrite[]> {
  const block = await openStoredBlock(segment, packed);
  const replacements: Replacement[] = [];
  const writes: PackedWrite[] = [];
  for (const { run, offset, bytes } of parts.flatMap(inChunks)) {
    const before = await readStoredBlock(block, packed, offset, bytes.length);
    found[run] = crc32.of(before, found[run]);
    replacements.push({ offset, before, after: bytes });
    writes.push({ offset: packedOffsetIn(block, offset), bytes });
  }
  const sealed = await sealCheck(check, block, replacements, packed);
  return sealed.bytes.length === 0 ? writes : [...writes, sealed];
}

/** A part as parts of one chunk each. */
function inChunks({ run, offset, bytes }: PatchPart): PatchPart[] {
  return [...storedParts(offset, bytes.length)].map((part) => {
    const from = part.offset - offset;
    return { run, offset: part.offset, bytes: bytes.subarray(from, from + part.length) };
  });
}
