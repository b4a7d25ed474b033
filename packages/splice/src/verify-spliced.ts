import { type ByteSource, overwritesWithin, type Patch } from "@bootstamp/byte-source";
import { crc32, crcText } from "@bootstamp/crc";
import { Fault } from "@bootstamp/fault";
import { type NewSegment, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { compareBytes, crcAfter, StampError, verifyStamped } from "@bootstamp/stamp";
import type { PreparedSplice } from "./prepare-splice.ts";

/**
 * Throws unless `artifact` reads as the file of `before` with the patch in it.
 *
 * Its map must be that of `before` but for the new segments, which must decode to what was packed, the patch's bytes in
 * their places; what was patched in stored segments is held against it as for any stamp. What was copied is taken as
 * copied right.
 * @throws StampError `STAMP_VERIFY_FAILED`, with the fault that reading met as its cause.
 */
export async function verifySpliced(
  format: StreamFormat,
  before: SegmentMap,
  splice: Pick<PreparedSplice, "segments" | "anew" | "stored" | "rawCrc32">,
  artifact: ByteSource,
): Promise<void> {
  try {
    const after = await format.readMap(artifact);
    const made = pairUp(before, after, splice.segments);
    checkIdentity(before, after, splice.rawCrc32);
    for (const [segment, segments] of made)
      await compareSegment(format, after, segment, segments, splice.anew, artifact);
    const unstamped = { ...after, rawCrc32: crcAfter(before, splice.anew) };
    await verifyStamped(format, unstamped, splice.stored, artifact);
  } catch (error) {
    if (!(error instanceof Fault) || error instanceof StampError) throw error;
    throw new StampError(
      "STAMP_VERIFY_FAILED",
      `a spliced file does not read back: ${error.message}`,
      error.fields,
      { cause: error },
    );
  }
}

/** For each new segment, the segments that the file has in its place; all others are as they were, perhaps elsewhere. */
function pairUp(
  before: SegmentMap,
  after: SegmentMap,
  made: readonly NewSegment[],
): [NewSegment, Segment[]][] {
  const pairs: [NewSegment, Segment[]][] = [];
  const newOnes = new Map(made.map((segment) => [segment.index, segment]));
  let at = 0;
  for (const [index, old] of before.segments.entries()) {
    const end = old.rawOffset + old.rawLength;
    const segment = newOnes.get(index);
    const from = at;
    if (segment === undefined) {
      if (!isAlike(old, after.segments[at]))
        throw failed(`has another segment at raw offset ${old.rawOffset}`);
      at++;
      continue;
    }
    while ((after.segments[at]?.rawOffset ?? Infinity) < end) at++;
    pairs.push([segment, after.segments.slice(from, at)]);
  }
  if (at !== after.segments.length) throw failed(`has ${after.segments.length} segments, expected ${at}`);
  return pairs;
}

function isAlike(old: Segment, now: Segment | undefined): boolean {
  return (
    now?.kind === old.kind &&
    now.rawOffset === old.rawOffset &&
    now.rawLength === old.rawLength &&
    now.packedLength === old.packedLength
  );
}

function checkIdentity(before: SegmentMap, after: SegmentMap, rawCrc32: number | undefined): void {
  const same =
    after.rawLength === before.rawLength &&
    after.base?.rawCrc32 === before.base?.rawCrc32 &&
    after.rawCrc32 === rawCrc32;
  if (!same) throw failed("says something else of its raw bytes, or of its base, than was written");
}

async function compareSegment(
  format: StreamFormat,
  map: SegmentMap,
  { pieces }: NewSegment,
  segments: readonly Segment[],
  patch: Patch,
  artifact: ByteSource,
): Promise<void> {
  let at = pieces[0]?.piece.rawOffset ?? 0;
  let found = crc32.empty;
  for (const segment of segments) {
    for await (const bytes of format.decode(map, segment, artifact)) {
      for (const part of overwritesWithin(patch, at, at + bytes.length)) {
        compareBytes(bytes.subarray(part.offset - at, part.offset - at + part.bytes.length), part);
      }
      found = crc32.of(bytes, found);
      at += bytes.length;
    }
  }
  const expected = pieces.reduce(
    (crc, { piece, rawCrc32 }) => crc32.combine(crc, rawCrc32, piece.rawLength),
    crc32.empty,
  );
  if (found === expected) return;
  throw failed(
    `has a segment before raw offset ${at} of CRC-32 ${crcText(found)}, packed was ${crcText(expected)}`,
  );
}

function failed(how: string): StampError {
  return new StampError("STAMP_VERIFY_FAILED", `a spliced file ${how}`);
}
