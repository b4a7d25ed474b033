import type { ByteSource } from "@bootstamp/byte-source";
import type { SegmentMap } from "@bootstamp/segment-map";
import { isOwn, ownChecksumOffset } from "./own-table.ts";
import type { TouchedSegment } from "./patch-parts.ts";
import { readSeekTable } from "./read-seek-table.ts";
import { entryChecksumOffset } from "./seek-table.ts";
import { viewOf } from "./view-of.ts";
import { checksumLength } from "./xxh64.ts";

/** A checksum that the seek table has. */
export interface TableChecksum {
  /** In the file. */
  readonly offset: number;
  readonly checksum: number;
}

/**
 * Finds what the seek table has of some segments, by their index in the map: nothing, if it has no checksums.
 * A short read for each in a file of ours; in others the whole table, whose frames may be more than the segments.
 */
export async function tableChecksums(
  map: SegmentMap,
  touched: readonly TouchedSegment[],
  packed: ByteSource,
): Promise<ReadonlyMap<number, TableChecksum>> {
  if (!isOwn(map)) return await foreignChecksums(touched, packed);
  const found = new Map<number, TableChecksum>();
  for (const { index } of touched) {
    const offset = ownChecksumOffset(map, index);
    const checksum = viewOf(await packed.read(offset, checksumLength)).getUint32(0, true);
    found.set(index, { offset, checksum });
  }
  return found;
}

async function foreignChecksums(
  touched: readonly TouchedSegment[],
  packed: ByteSource,
): Promise<ReadonlyMap<number, TableChecksum>> {
  const found = new Map<number, TableChecksum>();
  const table = await readSeekTable(packed);
  const byOffset = new Map(touched.map(({ index, segment }) => [segment.packedOffset, index]));
  let packedOffset = 0;
  for (let entry = 0; entry < table.entryCount; entry++) {
    const index = byOffset.get(packedOffset);
    const checksum = table.checksum(entry);
    if (index !== undefined && checksum !== undefined) {
      found.set(index, { offset: table.offset + entryChecksumOffset(entry), checksum });
    }
    packedOffset += table.packedLength(entry);
  }
  return found;
}
