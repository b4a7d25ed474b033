import { Fault } from "@bootstamp/fault";
import { type ByteSource, type Overwrite, overwritesWithin, type Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { segmentIndexAt, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { StampError } from "./stamp-error.ts";

/** A touched segment up to this many bytes is decoded whole, which also checks its own checksums. */
const wholeLength = 1 << 20;

/**
 * Throws unless `artifact` reads as the stampable image of `map` with `patch` in it.
 *
 * Sealing the patch once more, over itself, must find its bytes and the CRC-32 that they come to by algebra, and change
 * nothing: not the patched bytes, and not the checksums that go with them. Then what was patched is decoded and
 * compared. Costs O(patch), whatever the image's length: of a segment too long to be decoded only the patched bytes are
 * read. What the patch does not touch is taken as copied right.
 * @throws StampError `STAMP_VERIFY_FAILED`, with the fault that reading met as its cause.
 */
export async function verifyStamped(
  format: StreamFormat,
  map: SegmentMap,
  patch: Patch,
  artifact: ByteSource,
): Promise<void> {
  const after = { ...map, rawCrc32: crcAfter(map, patch) };
  try {
    await sealAgain(format, after, patch, artifact);
    for (const segment of touchedSegments(after, patch)) {
      const expected = [...overwritesWithin(patch, segment.rawOffset, segmentEnd(segment))];
      await compareSegment(format, after, segment, expected, artifact);
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
    const tailLength = map.rawLength - offset - bytes.length;
    if (crc !== undefined) crc = crc32.patch(crc, replacedCrc32, crc32.of(bytes), tailLength);
  }
  return crc;
}

async function sealAgain(
  format: StreamFormat,
  after: SegmentMap,
  patch: Patch,
  artifact: ByteSource,
): Promise<void> {
  const itself = patch.map(({ offset, bytes }) => ({ offset, bytes, replacedCrc32: crc32.of(bytes) }));
  const { writes, rawCrc32 } = await format.seal(after, itself, artifact);
  if (rawCrc32 !== after.rawCrc32) {
    throw new StampError(
      "STAMP_VERIFY_FAILED",
      `a stamped file has CRC-32 ${hex(rawCrc32)} of its raw bytes, expected ${hex(after.rawCrc32)}`,
    );
  }
  for (const { offset, bytes } of writes) {
    if (Buffer.compare(await artifact.read(offset, bytes.length), bytes) === 0) continue;
    throw new StampError(
      "STAMP_VERIFY_FAILED",
      `a stamped file has other bytes at packed offset ${offset} than its patch comes to`,
    );
  }
}

function* touchedSegments(map: SegmentMap, patch: Patch): Generator<Segment> {
  let done = 0;
  for (const { offset, bytes } of patch) {
    const end = offset + bytes.length;
    for (let at = Math.max(offset, done); at < end;) {
      const segment = map.segments[segmentIndexAt(map, at)];
      if (segment === undefined) throw new Error(`internal error: no segment at ${at}`);
      yield segment;
      at = done = segmentEnd(segment);
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
  if (at !== segmentEnd(segment)) throw cutShort(at);
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

function segmentEnd({ rawOffset, rawLength }: Segment): number {
  return rawOffset + rawLength;
}

function hex(crc: number | undefined): string {
  return crc === undefined ? "nothing" : crc.toString(16).padStart(8, "0");
}
