import type { ByteSource } from "@bootstamp/byte-source";
import { MapError, type Segment, type SegmentMap } from "@bootstamp/segment-map";
import { findForeignSegments } from "./foreign-segments.ts";
import { isFrame, isSkippable, skippableLength } from "./frame-header.ts";
import { listSegments } from "./list-segments.ts";
import { readRecord } from "./read-record.ts";
import { readSeekTable, type SeekTable } from "./read-seek-table.ts";
import type { FileRecord } from "./record.ts";
import { findWalkedSegments } from "./walked-segments.ts";

/** See {@link StreamFormat.name}. */
export const formatName = "zst";

/** Bytes that {@link isZstd} looks at. */
const signatureLength = 16;

/**
 * See {@link StreamFormat.readMap}. Five reads for a file of ours, whatever its length. Reads also files of other
 * programs, which keep nothing of their base: with a seek table that costs a read a frame, without one all of the file is
 * read, and decoded where its frames do not say what they come to.
 */
export async function readMap(packed: ByteSource): Promise<SegmentMap> {
  await checkBeginning(packed);
  const table = await readSeekTable(packed);
  const record = table && (await readRecord(packed, table));
  const segments = await segmentsOf(packed, table, record);
  return {
    format: formatName,
    rawLength: rawEnd(segments),
    packedLength: packed.length,
    segments,
    base: record && { rawLength: record.rawLength, rawCrc32: record.baseCrc32 },
    rawCrc32: record?.rawCrc32,
    engine: record?.engine,
  };
}

/** Whether a file begins as zstd: with a frame, or with a short skippable frame before one, as pzstd's files do. */
export function isZstd(firstBytes: Uint8Array): boolean {
  if (isFrame(firstBytes)) return true;
  return isSkippable(firstBytes) && isFrame(firstBytes.subarray(skippableLength(firstBytes)));
}

async function segmentsOf(
  packed: ByteSource,
  table: SeekTable | undefined,
  record: FileRecord | undefined,
): Promise<Segment[]> {
  if (table === undefined) return await findWalkedSegments(packed);
  return record === undefined ? await findForeignSegments(packed, table) : listSegments(table, record);
}

async function checkBeginning(packed: ByteSource): Promise<void> {
  const beginning = await packed.read(0, Math.min(signatureLength, packed.length));
  // LZ4 has skippable frames of the same kind; what is behind them tells.
  if (isFrame(beginning) || isSkippable(beginning)) return;
  throw new MapError(
    "MAP_NOT_THIS_FORMAT",
    `not zstd: it begins with ${Buffer.from(beginning.subarray(0, 4)).toString("hex")}`,
  );
}

function rawEnd(segments: readonly Segment[]): number {
  const last = segments.at(-1);
  return last === undefined ? 0 : last.rawOffset + last.rawLength;
}
