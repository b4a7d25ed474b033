import { Fault } from "@bootstamp/fault";
import type { ByteSource, Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  extentEnd,
  segmentIndexAt,
  type Segment,
  type SegmentMap,
  type StreamFormat,
} from "@bootstamp/segment-map";
import { overwritesWithin, type Overwrite } from "./overwrite.ts";
import { StampError } from "./stamp-error.ts";

/** A touched segment up to this many bytes is decoded whole, which also checks its own checksums. */
const wholeLength = 1 << 20;

/**
 * Throws unless `artifact` reads as the stampable image of `map` with `patch` in it.
 *
 * Its map is read anew, every patched byte is read back, and the CRC-32 that it claims must be the one that the patch
 * comes to by algebra. Costs O(patch) beside the map: of a segment too long to be decoded only the patched bytes are
 * read. What the patch does not touch is taken as copied right.
 * @throws StampError `STAMP_VERIFY_FAILED`, with the fault that reading met as its cause.
 */
export async function verifyStamped(
  format: StreamFormat,
  map: SegmentMap,
  patch: Patch,
  artifact: ByteSource,
): Promise<void> {
  try {
    const found = await format.readMap(artifact);
    compareCrc(found.rawCrc32, crcAfter(map, patch));
    for (const segment of touchedSegments(found, patch)) {
      const expected = [...overwritesWithin(patch, segment.rawOffset, segment.rawOffset + segment.rawLength)];
      await compareSegment(format, found, segment, expected, artifact);
    }
  } catch (error) {
    if (!(error instanceof Fault) || error instanceof StampError) throw error;
    throw new StampError(
      "STAMP_VERIFY_FAILED",
      `a stamped file does not read back: ${error.message}`,
      error.fields,
      { cause: error },
    );
  }
}

/** The CRC-32 of the raw bytes after the patch, worked out here again, apart from the format's own seal. */
function crcAfter(map: SegmentMap, patch: Patch): number | undefined {
  let crc = map.rawCrc32;
  for (const { offset, bytes, replacedCrc32 } of patch) {
    const tailLength = map.rawLength - extentEnd({ offset, length: bytes.length });
    if (crc !== undefined) crc = crc32.patch(crc, replacedCrc32, crc32.of(bytes), tailLength);
  }
  return crc;
}

function compareCrc(found: number | undefined, expected: number | undefined): void {
  if (found === expected) return;
  throw new StampError(
    "STAMP_VERIFY_FAILED",
    `a stamped file says CRC-32 ${hex(found)} of its raw bytes, expected ${hex(expected)}`,
  );
}

function* touchedSegments(map: SegmentMap, patch: Patch): Generator<Segment> {
  let done = 0;
  for (const { offset, bytes } of patch) {
    const end = offset + bytes.length;
    for (let at = Math.max(offset, done); at < end;) {
      const segment = map.segments[segmentIndexAt(map, at)];
      if (segment === undefined) throw new Error(`internal error: no segment at ${at}`);
      yield segment;
      at = done = segment.rawOffset + segment.rawLength;
    }
  }
}

async function compareSegment(
  format: StreamFormat,
  map: SegmentMap,
  segment: Segment,
  expected: readonly Overwrite[],
  artifact: ByteSource,
): Promise<void> {
  if (segment.rawLength > wholeLength) return await compareParts(format, map, segment, expected, artifact);
  let at = segment.rawOffset;
  for await (const bytes of format.decode(map, segment, artifact)) {
    for (const part of overwritesWithin(expected, at, at + bytes.length)) {
      compareBytes(bytes.subarray(part.offset - at, part.offset - at + part.bytes.length), part);
    }
    at += bytes.length;
  }
  if (at !== extentEnd({ offset: segment.rawOffset, length: segment.rawLength })) throw cutShort(at);
}

async function compareParts(
  format: StreamFormat,
  map: SegmentMap,
  segment: Segment,
  expected: readonly Overwrite[],
  artifact: ByteSource,
): Promise<void> {
  for (const { offset, bytes } of expected) {
    for (let done = 0; done < bytes.length; done += wholeLength) {
      const part = { offset: offset + done, bytes: bytes.subarray(done, done + wholeLength) };
      const found = await format.readStored(map, segment, artifact, part.offset, part.bytes.length);
      compareBytes(found, part);
    }
  }
}

function compareBytes(found: Uint8Array, expected: Overwrite): void {
  if (Buffer.compare(found, expected.bytes) === 0) return;
  const first = expected.bytes.findIndex((byte, index) => byte !== found[index]);
  const offset = expected.offset + first;
  throw new StampError(
    "STAMP_VERIFY_FAILED",
    `a stamped file does not hold the patch: at raw offset ${offset} it has other bytes than were written`,
    { offset },
  );
}

function cutShort(offset: number): StampError {
  return new StampError(
    "STAMP_VERIFY_FAILED",
    `a stamped file decodes no further than raw offset ${offset}`,
    {
      offset,
    },
  );
}

function hex(crc: number | undefined): string {
  return crc === undefined ? "nothing" : crc.toString(16).padStart(8, "0");
}
