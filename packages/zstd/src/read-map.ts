import type { ByteSource } from "@bootstamp/byte-source";
import { MapError, type Segment, type SegmentMap } from "@bootstamp/segment-map";
import { findForeignSegments } from "./foreign-segments.ts";
import { isFrame, isSkippable, skippableLength } from "./frame-header.ts";
import { listSegments } from "./list-segments.ts";
import { readRecord } from "./read-record.ts";
import { readSeekTable } from "./read-seek-table.ts";

/** See {@link StreamFormat.name}. */
export const formatName = "zst";

/** Bytes that {@link isZstd} looks at. */
const signatureLength = 16;

/**
 * See {@link StreamFormat.readMap}. Five reads for a file of ours, whatever its length. Reads also files of other
 * programs, if they have a seek table; that costs a read a frame, and such a file keeps nothing of its base.
 */
export async function readMap(packed: ByteSource): Promise<SegmentMap> {
  await checkBeginning(packed);
  const table = await readSeekTable(packed);
  const record = await readRecord(packed, table);
  const segments =
    record === undefined ? await findForeignSegments(packed, table) : listSegments(table, record);
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

async function checkBeginning(packed: ByteSource): Promise<void> {
  const beginning = await packed.read(0, Math.min(signatureLength, packed.length));
  // LZ4 has skippable frames of the same kind; but no file of it has a seek table of zstd.
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
