import { type ByteSource, writeAtSync } from "@bootstamp/byte-source";
import type { SegmentMap, StreamFormat } from "@bootstamp/segment-map";
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
  const padded: SpooledSegment[] = [];
  for (const [index, segment] of segments.entries()) {
    const one = await padSegment(format, segment, surpluses[index] ?? 0, spool);
    if (one === undefined) return undefined;
    padded.push(one);
  }
  return padded;
}

function surplusOf(map: SegmentMap, { index, pieces }: SpooledSegment): number {
  return (map.segments[index]?.packedLength ?? 0) - packedLength(pieces);
}

function packedLength(pieces: SpooledSegment["pieces"]): number {
  return pieces.reduce((sum, piece) => sum + piece.packedLength, 0);
}

async function padSegment(
  format: StreamFormat,
  segment: SpooledSegment,
  surplus: number,
  spool: Spool,
): Promise<SpooledSegment | undefined> {
  const last = segment.pieces.at(-1);
  if (surplus === 0 || last === undefined) return segment;
  const others = segment.pieces.slice(0, -1);
  const lead = packedLength(others);
  const bytes = await readAll(spool.source(segment.spoolOffset + lead, last.packedLength));
  const { kind, note } = last;
  const padded = format.pad({ bytes, kind, note }, last.packedLength + surplus);
  if (padded === undefined) return undefined;
  // There is room behind it: no segment was longer than what is reserved for it.
  writeAtSync(spool.descriptor, padded.bytes, segment.spoolOffset + lead);
  const piece = { ...last, note: padded.note, packedLength: padded.bytes.length };
  return { ...segment, pieces: [...others, piece] };
}

async function readAll(source: ByteSource): Promise<Uint8Array> {
  return await source.read(0, source.length);
}
