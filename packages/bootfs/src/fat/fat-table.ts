/*
 * The file allocation table: for each cluster, from 2 on, the next one of its chain. 12, 16 or 32 bits an entry (of 32
 * the upper 4 are not part of it); 0: free; from ...FF8: the last; ...FF7: bad. Entry 1 keeps two marks for the whole
 * file system: its highest bit is set when cleanly unmounted, the next when the disk had no hard errors (FAT16, FAT32).
 */
import type { SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "../bootfs-error.ts";
import { readBytes, viewOf } from "../disk.ts";
import type { BootRecord } from "./boot-record.ts";

const windowLength = 4096;

/** Reads entries of the first table, a window at a time. Stale after writes to the table. */
export function fatEntries(source: SyncByteSource, record: BootRecord): (cluster: number) => number {
  let start = -1;
  let window = viewOf(new Uint8Array());
  // Windows are aligned, so that only an entry of FAT12 can lie across two.
  const load = (place: number): DataView => {
    if (start < 0 || place < start || place >= start + window.byteLength) {
      start = Math.floor(place / windowLength) * windowLength;
      const length = Math.min(windowLength, record.fatLength - start);
      window = viewOf(readBytes(source, record.fatOffset + start, length));
    }
    return window;
  };
  if (record.kind === "fat32")
    return (cluster) => load(cluster * 4).getUint32(cluster * 4 - start, true) % 2 ** 28;
  if (record.kind === "fat16") return (cluster) => load(cluster * 2).getUint16(cluster * 2 - start, true);
  const byteAt = (place: number): number => load(place).getUint8(place - start);
  return (cluster) => {
    const place = Math.floor(cluster * 1.5);
    const pair = byteAt(place) + byteAt(place + 1) * 256;
    return cluster % 2 === 0 ? pair & 0xfff : pair >>> 4;
  };
}

/** The clusters of a chain, at most `limit`. @throws BootfsError `BOOTFS_CORRUPT` for one that leaves the table. */
export function chain(source: SyncByteSource, record: BootRecord, first: number, limit: number): number[] {
  const entry = fatEntries(source, record);
  const clusters: number[] = [];
  for (let cluster = first; clusters.length < limit; cluster = entry(cluster)) {
    if (clusters.length > 0 && isLast(record, cluster)) return clusters;
    if (cluster < 2 || cluster >= record.clusterCount + 2) {
      throw new BootfsError(
        "BOOTFS_CORRUPT",
        `a chain of the FAT file system leads to cluster ${cluster} of ${record.clusterCount}`,
        {
          cluster,
        },
      );
    }
    clusters.push(cluster);
  }
  return clusters;
}

export function clusterOffset(record: BootRecord, cluster: number): number {
  return record.dataOffset + (cluster - 2) * record.clusterLength;
}

/** Counts the free entries of the first table. Costs reading it. */
export function countFreeClusters(source: SyncByteSource, record: BootRecord): number {
  const entry = fatEntries(source, record);
  let free = 0;
  for (let cluster = 2; cluster < record.clusterCount + 2; cluster++) {
    if (entry(cluster) === 0) free++;
  }
  return free;
}

/** The two marks of entry 1; FAT12 has none. */
export function volumeMarks(source: SyncByteSource, record: BootRecord): { clean: boolean; intact: boolean } {
  if (record.kind === "fat12") return { clean: true, intact: true };
  const marks = fatEntries(source, record)(1);
  const highest = record.kind === "fat16" ? 2 ** 15 : 2 ** 27;
  return { clean: (marks & highest) !== 0, intact: (marks & (highest / 2)) !== 0 };
}

function isLast(record: BootRecord, entry: number): boolean {
  return entry >= { fat12: 0xff8, fat16: 0xfff8, fat32: 0x0fff_fff8 }[record.kind];
}
