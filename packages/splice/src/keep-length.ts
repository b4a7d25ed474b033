import { type ByteSource, writeAtSync } from "@bootstamp/byte-source";
import type { EncodedPiece, SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import type { SpooledSegment } from "./repack.ts";
import type { Spool } from "./spool.ts";

/** Padding of more than a hundredth of what would move otherwise is not worth it. */
const worthwhile = 0.01;

/**
 * Gives the new segments the lengths of the old ones, by padding, so that nothing else in the file has to move: then only
 * what changes is new to a clone, to a server, and to whoever fetches differences. Undefined where one of them has come
 * out longer, or the format has no padding for it, or it would take too much.
 */
export async function keepLength(
  format: StreamFormat,
  map: SegmentMap,
  segments: readonly SpooledSegment[],
  spool: Spool,
): Promise<SpooledSegment[] | undefined> {
  const surpluses = segments.map((segment) => surplusOf(map, segment));
  const total = surpluses.reduce((sum, surplus) => sum + surplus, 0);
  const first = map.segments[segments[0]?.index ?? 0];
  const moved = map.packedLength - (first?.packedOffset ?? 0);
  if (surpluses.some((surplus) => surplus < 0) || total > moved * worthwhile) return undefined;
  const surplusAt = (index: number): number => surpluses[index] ?? 0;
  // All of them before one is changed: without the last, the first must still be what it was. They are padded twice, since
  // there may be more than memory holds.
  for (const [index, segment] of segments.entries()) {
    const surplus = surplusAt(index);
    if (surplus > 0 && (await padLastPiece(format, segment, surplus, spool)) === undefined) return undefined;
  }
  const padded: SpooledSegment[] = [];
  for (const [index, segment] of segments.entries()) {
    const surplus = surplusAt(index);
    padded.push(surplus === 0 ? segment : await padSegment(format, segment, surplus, spool));
  }
  return padded;
}

function surplusOf(map: SegmentMap, { index, pieces }: SpooledSegment): number {
  return (map.segments[index]?.packedLength ?? 0) - packedLength(pieces);
}

function packedLength(pieces: SpooledSegment["pieces"]): number {
  return pieces.reduce((sum, piece) => sum + piece.packedLength, 0);
}

/** The segment with its last piece padded, in the spool too. */
async function padSegment(
  format: StreamFormat,
  segment: SpooledSegment,
  surplus: number,
  spool: Spool,
): Promise<SpooledSegment> {
  const last = segment.pieces.at(-1);
  const padded = await padLastPiece(format, segment, surplus, spool);
  if (last === undefined || padded === undefined)
    throw new Error("internal error: a piece that could be padded cannot be");
  const others = segment.pieces.slice(0, -1);
  // There is room behind it: no segment was longer than what is reserved for it.
  writeAtSync(spool.descriptor, padded.bytes, segment.spoolOffset + packedLength(others));
  const piece = { ...last, note: padded.note, packedLength: padded.bytes.length };
  return { ...segment, pieces: [...others, piece] };
}

/** The last piece of a segment, longer by `surplus`. Changes nothing. Undefined where there is no such padding. */
async function padLastPiece(
  format: StreamFormat,
  { pieces, spoolOffset }: SpooledSegment,
  surplus: number,
  spool: Spool,
): Promise<EncodedPiece | undefined> {
  const last = pieces.at(-1);
  if (last === undefined) return undefined;
  const lead = packedLength(pieces.slice(0, -1));
  const bytes = await readAll(spool.source(spoolOffset + lead, last.packedLength));
  return format.pad({ bytes, kind: last.kind, note: last.note }, last.packedLength + surplus);
}

async function readAll(source: ByteSource): Promise<Uint8Array> {
  return await source.read(0, source.length);
}
