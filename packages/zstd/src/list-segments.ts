import type { Segment, SegmentKind } from "@bootstamp/segment-map";
import { maxFrameLength } from "./layout.ts";
import { inconsistent } from "./map-fault.ts";
import { packedNothingLength, packedStoredLength, packedZerosLength } from "./own-frame.ts";
import type { SeekTable } from "./read-seek-table.ts";
import type { FileRecord, KindRun } from "./record.ts";

/**
 * The segments of a file of ours: the seek table's frames but the record, of the kinds that the record gives.
 * @throws MapError `MAP_INCONSISTENT` if a frame cannot be of its kind, or all do not come to the raw length.
 */
export function listSegments(table: SeekTable, { kinds, rawLength: expected }: FileRecord): Segment[] {
  const segments: Segment[] = [];
  let rawOffset = 0;
  let packedOffset = 0;
  for (const kind of eachKind(kinds)) {
    const rawLength = table.rawLength(segments.length);
    const packedLength = table.packedLength(segments.length);
    const segment = withCheck(table, segments.length, {
      kind,
      rawOffset,
      rawLength,
      packedOffset,
      packedLength,
    });
    checkLengths(segment);
    segments.push(segment);
    rawOffset += rawLength;
    packedOffset += packedLength;
  }
  if (rawOffset !== expected)
    throw inconsistent(`the frames come to ${rawOffset} bytes, the record says ${expected}`);
  if (segments.length === 0 && (table.rawLength(0) !== 0 || table.packedLength(0) !== packedNothingLength))
    throw inconsistent("an image of nothing has a frame of something");
  return segments;
}

/** The segment of entry `index`, with where its checksum is. */
export function withCheck(table: SeekTable, index: number, segment: Segment): Segment {
  const formatNote = table.checksumOffset(index);
  return formatNote === undefined ? segment : { ...segment, formatNote };
}

function* eachKind(runs: readonly KindRun[]): Generator<SegmentKind> {
  for (const { kind, count } of runs) for (let index = 0; index < count; index++) yield kind;
}

function checkLengths({ kind, rawOffset, rawLength, packedLength }: Segment): void {
  const possible = rawLength > 0 && rawLength <= maxFrameLength;
  if (!possible || !isLengthOf(kind, rawLength, packedLength)) {
    throw inconsistent(
      `the ${kind} frame at raw offset ${rawOffset} has ${packedLength} bytes for ${rawLength}`,
    );
  }
}

function isLengthOf(kind: SegmentKind, rawLength: number, packedLength: number): boolean {
  if (kind === "stored") return packedLength === packedStoredLength(rawLength);
  if (kind === "zero") return packedLength === packedZerosLength(rawLength);
  // What does not compress costs a few bytes a block.
  return packedLength <= 2 * packedStoredLength(rawLength);
}
