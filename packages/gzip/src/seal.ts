import type { ByteSource, Patch } from "@bootstamp/byte-source";
import { crc32, patchedCrc32, crcText } from "@bootstamp/crc";
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
import { encodeTrailerCrc, trailerCrcLength, trailerCrcOffset } from "./header.ts";
import { readStored } from "./read-stored.ts";
import { storedOffset, storedParts } from "./stored-run.ts";
import { inconsistent } from "./map-fault.ts";

/** Replaced bytes are read in windows of this length. */
const windowLength: number = 1 << 20;

/**
 * See {@link StreamFormat.seal}. The writes' bytes are the patch's own, not copies. A patch of k bytes costs
 * O(k + log n): the trailer's CRC-32 follows from what goes and what comes.
 */
export async function seal(map: SegmentMap, patch: Patch, packed: ByteSource): Promise<Seal> {
  const before = await readTrailerCrc(map, packed);
  const found = patch.map(() => crc32.empty);
  const writes: PackedWrite[] = [];
  for (const { segment, parts } of touchedSegments(map, patch)) {
    for (const part of parts) {
      found[part.run] = await replacedCrc32(map, segment, part, packed, found[part.run]);
      writes.push(...packedWrites(segment, part));
    }
  }
  checkReplaced(patch, found);
  const rawCrc32 = patchedCrc32(before, map.rawLength, patch);
  if (rawCrc32 !== before) {
    writes.push({ offset: trailerCrcOffset(map.packedLength), bytes: encodeTrailerCrc(rawCrc32) });
  }
  return { writes, rawCrc32 };
}

/** The CRC-32 `previous` continued over what the file has in a part's place. */
async function replacedCrc32(
  map: SegmentMap,
  segment: Segment,
  { offset, bytes: { length } }: PatchPart,
  packed: ByteSource,
  previous?: number,
): Promise<number> {
  let crc = previous ?? crc32.empty;
  for (let done = 0; done < length; done += windowLength) {
    const window = Math.min(windowLength, length - done);
    crc = crc32.of(await readStored(map, segment, packed, segment.rawOffset + offset + done, window), crc);
  }
  return crc;
}

function* packedWrites(segment: Segment, { offset, bytes }: PatchPart): Generator<PackedWrite> {
  for (const part of storedParts(offset, bytes.length)) {
    const from = part.offset - offset;
    yield {
      offset: segment.packedOffset + storedOffset(part.offset),
      bytes: bytes.subarray(from, from + part.length),
    };
  }
}

/** The checksum that the file has now, which must be the one that the map was read with. */
async function readTrailerCrc(map: SegmentMap, packed: ByteSource): Promise<number> {
  checkSameFile(map, packed);
  const bytes = await packed.read(trailerCrcOffset(packed.length), trailerCrcLength);
  const crc = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (crc === map.rawCrc32) return crc;
  throw inconsistent(`the trailer has CRC-32 ${crcText(crc)}, which it had not when it was read`);
}
