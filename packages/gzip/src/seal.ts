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
import { encodeTrailerCrc, inconsistent, trailerCrcLength, trailerCrcOffset } from "./header.ts";
import { readStored } from "./read-stored.ts";
import { storedOffset, storedParts } from "./stored-run.ts";

/** Replaced bytes are read in windows of this length. */
const windowLength: number = 1 << 20;

/**
 * See {@link StreamFormat.seal}. The writes' bytes are the patch's own, not copies. A patch of k bytes costs
 * O(k + log n): the trailer's CRC-32 follows from what goes and what comes.
 */
export async function seal(map: SegmentMap, patch: Patch, packed: ByteSource): Promise<Seal> {
  const before = await readTrailerCrc(map, packed);
  const writes: PackedWrite[] = [];
  let rawCrc32 = before;
  let end = 0;
  for (const run of patch) {
    if (run.offset < end)
      throw new RangeError(`patch run at ${run.offset} begins before ${end}, where one ends`);
    end = run.offset + run.bytes.length;
    const parts = locate(map, run);
    await checkReplaced(map, run, parts, packed);
    for (const part of parts) writes.push(...packedWrites(run, part));
    rawCrc32 = crc32.patch(rawCrc32, run.replacedCrc32, crc32.of(run.bytes), map.rawLength - end);
  }
  if (rawCrc32 !== before) {
    writes.push({ offset: trailerCrcOffset(map.packedLength), bytes: encodeTrailerCrc(rawCrc32) });
  }
  return { writes, rawCrc32 };
}

/** A part of a patch run that lies in one segment. */
interface RunPart {
  readonly segment: Segment;
  readonly rawOffset: number;
  readonly length: number;
}

function locate(map: SegmentMap, run: PatchRun): RunPart[] {
  const parts: RunPart[] = [];
  const end = run.offset + run.bytes.length;
  for (let at = run.offset; at < end;) {
    const segment = at < map.rawLength ? map.segments[segmentIndexAt(map, at)] : undefined;
    if (segment?.kind !== "stored" || end > map.rawLength) throw notStored(map, run, at);
    const length = Math.min(end, segment.rawOffset + segment.rawLength) - at;
    parts.push({ segment, rawOffset: at, length });
    at += length;
  }
  return parts;
}

function notStored(map: SegmentMap, { offset, bytes: { length } }: PatchRun, at: number): MapError {
  const where =
    offset + length > map.rawLength
      ? `beyond the image of ${map.rawLength} bytes`
      : `from ${at} on, not stored`;
  return new MapError(
    "MAP_PATCH_NOT_STORED",
    `cannot patch ${length} bytes at offset ${offset}: they lie ${where}`,
    { offset, length },
  );
}

async function checkReplaced(
  map: SegmentMap,
  run: PatchRun,
  parts: readonly RunPart[],
  packed: ByteSource,
): Promise<void> {
  let crc = crc32.empty;
  for (const { segment, rawOffset, length } of parts) {
    for (let done = 0; done < length; done += windowLength) {
      const window = Math.min(windowLength, length - done);
      crc = crc32.of(await readStored(map, segment, packed, rawOffset + done, window), crc);
    }
  }
  if (crc === run.replacedCrc32) return;
  throw new MapError(
    "MAP_PATCH_OTHER_BASE",
    `the patch at offset ${run.offset} replaces ${run.bytes.length} bytes of CRC-32 ${hex(run.replacedCrc32)}, the file has ${hex(crc)}`,
    { offset: run.offset },
  );
}

function* packedWrites(run: PatchRun, { segment, rawOffset, length }: RunPart): Generator<PackedWrite> {
  for (const part of storedParts(rawOffset - segment.rawOffset, length)) {
    const from = segment.rawOffset + part.offset - run.offset;
    yield {
      offset: segment.packedOffset + storedOffset(part.offset),
      bytes: run.bytes.subarray(from, from + part.length),
    };
  }
}

/** The checksum that the file has now, which must be the one that the map was read with. */
async function readTrailerCrc(map: SegmentMap, packed: ByteSource): Promise<number> {
  if (packed.length !== map.packedLength) {
    throw inconsistent(`it was read from ${map.packedLength} bytes, now there are ${packed.length}`);
  }
  const bytes = await packed.read(trailerCrcOffset(packed.length), trailerCrcLength);
  const crc = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (crc !== map.rawCrc32)
    throw inconsistent(`the trailer has CRC-32 ${hex(crc)}, which it had not when it was read`);
  return crc;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}
