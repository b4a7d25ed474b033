import type { ByteSource } from "@bootstamp/byte-source";
import {
  MapError,
  type NewSegment,
  type SegmentKind,
  type SegmentMap,
  type Splice,
} from "@bootstamp/segment-map";
import { FrameWalker } from "./frame-walker.ts";
import { maxFrameCount } from "./layout.ts";
import { isOwn } from "./own-table.ts";
import type { FrameNote } from "./piece-encoder.ts";
import { readRecord } from "./read-record.ts";
import { readSeekTable, type SeekTable } from "./read-seek-table.ts";
import { addKind, encodeRecord, type FileRecord, type KindRun } from "./record.ts";
import { encodeSeekTable, type SeekEntry } from "./seek-table.ts";
import { emptyChecksum } from "./xxh64.ts";

type NewFrames = ReadonlyMap<number, NewSegment<FrameNote>>;

/**
 * See {@link StreamFormat.splice}. The seek table gets the new frames' entries, with checksums if it had them; a file of
 * ours also a new record; a file without one gets one, unless a frame is too long for that. Skippable and empty frames of
 * other programs stay where they are among the others.
 */
export async function splice(
  map: SegmentMap,
  segments: readonly NewSegment<FrameNote>[],
  rawCrc32: number | undefined,
  packed: ByteSource,
): Promise<Splice> {
  const table = await readSeekTable(packed);
  const replaced = new Map(segments.map((each) => [map.segments[each.index]?.packedOffset ?? -1, each]));
  if (table === undefined) return await spliceWalked(map, replaced, packed);
  const record = isOwn(map) ? await readRecord(packed, table) : undefined;
  if (record === undefined) return spliceForeign(table, replaced);
  const frameCount = table.entryCount - 1;
  const entries = entriesOf(table, frameCount, replaced);
  const newRecord = encodeRecord({
    ...record,
    rawCrc32: rawCrc32 ?? record.rawCrc32,
    kinds: kindsOf(map, segments, record),
  });
  const recordEntry = { packedLength: newRecord.length, rawLength: 0, checksum: emptyChecksum };
  const newTable = encodeSeekTable([...entries, recordEntry]);
  return {
    head: new Uint8Array(),
    tail: new Uint8Array(Buffer.concat([newRecord, newTable])),
    bodyOffset: 0,
    bodyEnd: table.offset - table.packedLength(frameCount),
  };
}

function spliceForeign(table: SeekTable, replaced: NewFrames): Splice {
  const entries = entriesOf(table, table.entryCount, replaced);
  return {
    head: new Uint8Array(),
    tail: encodeSeekTable(entries, table.descriptor),
    bodyOffset: 0,
    bodyEnd: table.offset,
  };
}

/** The table has no checksums: nobody knows them of frames that have none. */
async function spliceWalked(map: SegmentMap, replaced: NewFrames, packed: ByteSource): Promise<Splice> {
  const rawLengths = new Map(map.segments.map(({ packedOffset, rawLength }) => [packedOffset, rawLength]));
  const walker = new FrameWalker(packed);
  const entries: SeekEntry[] = [];
  for (;;) {
    const frame = await walker.next(0);
    if (frame === undefined) break;
    const { packedOffset, packedLength } = frame;
    const old = { packedLength, rawLength: rawLengths.get(packedOffset) ?? 0, checksum: 0 };
    entries.push(...(replaced.get(packedOffset)?.pieces.map(entryOf) ?? [old]));
  }
  checkCount(entries);
  const fits = entries.every((one) => Math.max(one.packedLength, one.rawLength) < 2 ** 32);
  return {
    head: new Uint8Array(),
    tail: fits ? encodeSeekTable(entries, 0) : new Uint8Array(),
    bodyOffset: 0,
    bodyEnd: packed.length,
  };
}

/** The entries of the first `count` frames, with those of new frames in place of old ones. */
function entriesOf(table: SeekTable, count: number, replaced: NewFrames): SeekEntry[] {
  const entries: SeekEntry[] = [];
  let packedOffset = 0;
  for (let index = 0; index < count; index++) {
    const rawLength = table.rawLength(index);
    const packedLength = table.packedLength(index);
    const old = { packedLength, rawLength, checksum: table.checksum(index) ?? 0 };
    entries.push(...(replaced.get(packedOffset)?.pieces.map(entryOf) ?? [old]));
    packedOffset += packedLength;
  }
  checkCount(entries);
  return entries;
}

function checkCount({ length }: readonly SeekEntry[]): void {
  if (length <= maxFrameCount) return;
  throw new MapError(
    "MAP_TOO_LARGE",
    `the spliced file would have ${length} zstd frames, more than ${maxFrameCount}`,
    { frames: length },
  );
}

function entryOf({ piece, packedLength, note }: NewSegment<FrameNote>["pieces"][number]): SeekEntry {
  return { packedLength, rawLength: piece.rawLength, checksum: note };
}

/** Every segment of a file of ours is one frame, and comes to one again. */
function kindsOf(map: SegmentMap, segments: readonly NewSegment<FrameNote>[], record: FileRecord): KindRun[] {
  const kinds = map.segments.map(({ kind }): SegmentKind => kind);
  for (const { index, pieces } of segments) {
    const [only, ...others] = pieces;
    if (only === undefined || others.length > 0)
      throw new Error(`internal error: frame ${index} of ${record.rawLength} bytes came to ${pieces.length}`);
    kinds[index] = only.kind;
  }
  const runs: KindRun[] = [];
  for (const kind of kinds) addKind(runs, kind);
  return runs;
}
