import { overwritesWithin, type ByteSource, type Overwrite, type Patch } from "@bootstamp/byte-source";
import { crc32, patchedCrc32, crcText } from "@bootstamp/crc";
import { segmentIndexAt, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { StampError } from "./stamp-error.ts";

/** A touched segment up to this many bytes is decoded whole, which also checks its own checksums. */
const wholeLength = 1 << 20;

/** The CRC-32 of the raw bytes after a patch, apart from any format's own seal; undefined where the map has none. */
export function crcAfter({ rawCrc32, rawLength }: SegmentMap, patch: Patch): number | undefined {
  return rawCrc32 === undefined ? undefined : patchedCrc32(rawCrc32, rawLength, patch);
}

/**
 * Throws unless sealing a patch over itself finds its bytes and changes nothing: not them, and not the checksums that
 * go with them.
 * @param map as the artifact's should be. @param overwrites the patch's; all in stored segments.
 */
export async function checkSeals(
  format: StreamFormat,
  map: SegmentMap,
  overwrites: readonly Overwrite[],
  artifact: ByteSource,
): Promise<void> {
  const itself = overwrites.map(({ offset, bytes }) => ({ offset, bytes, replacedCrc32: crc32.of(bytes) }));
  const { writes, rawCrc32 } = await format.seal(map, itself, artifact);
  if (rawCrc32 !== map.rawCrc32) {
    throw failed(
      `has CRC-32 ${knownCrcText(rawCrc32)} of its raw bytes, expected ${knownCrcText(map.rawCrc32)}`,
    );
  }
  for (const { offset, bytes } of writes) {
    if (Buffer.compare(await artifact.read(offset, bytes.length), bytes) === 0) continue;
    throw failed(`has other bytes at packed offset ${offset} than its patch comes to`);
  }
}

/**
 * Throws unless every segment that the patch touches decodes to the patch's bytes in its place. Of a stored segment too
 * long to be decoded only the patched bytes are read.
 */
export async function checkContent(
  format: StreamFormat,
  map: SegmentMap,
  patch: Patch,
  artifact: ByteSource,
): Promise<void> {
  for (const segment of patchedSegments(map, patch)) {
    const expected = [...overwritesWithin(patch, segment.rawOffset, segmentEnd(segment))];
    const inParts = segment.kind === "stored" && segment.rawLength > wholeLength;
    await (inParts ? compareParts : compareWhole)(format, map, segment, expected, artifact);
  }
}

/** The segments that a patch touches, in order, each once. */
export function* patchedSegments(map: SegmentMap, patch: Patch): Generator<Segment> {
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

async function compareWhole(
  format: StreamFormat,
  map: SegmentMap,
  segment: Segment,
  expected: readonly Overwrite[],
  artifact: ByteSource,
): Promise<void> {
  let at = segment.rawOffset;
  for await (const bytes of format.decode(map, segment, artifact)) {
    for (const part of overwritesWithin(expected, at, at + bytes.length)) {
      compareBytes(bytes.subarray(part.offset - at, part.offset - at + part.bytes.length), part);
    }
    at += bytes.length;
  }
  if (at !== segmentEnd(segment)) throw failed(`decodes no further than raw offset ${at}`, at);
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

/** @throws StampError `STAMP_VERIFY_FAILED`, with the raw offset of the first byte that is not as expected. */
export function compareBytes(found: Uint8Array, expected: Overwrite): void {
  if (Buffer.compare(found, expected.bytes) === 0) return;
  const first = expected.bytes.findIndex((byte, index) => byte !== found[index]);
  const offset = expected.offset + first;
  throw failed(
    `does not hold the patch: at raw offset ${offset} it has other bytes than were written`,
    offset,
  );
}

function failed(how: string, offset?: number): StampError {
  return new StampError(
    "STAMP_VERIFY_FAILED",
    `a stamped file ${how}`,
    offset === undefined ? {} : { offset },
  );
}

function segmentEnd({ rawOffset, rawLength }: Segment): number {
  return rawOffset + rawLength;
}

/** As {@link crcText}, of a map's CRC-32, which may be absent. */
export function knownCrcText(crc: number | undefined): string {
  return crc === undefined ? "nothing" : crcText(crc);
}
