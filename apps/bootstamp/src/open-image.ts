import { FileSource, type ByteSource } from "@bootstamp/byte-source";
import {
  chooseRegion,
  probeFileSystems,
  readPartitionTable,
  type FileSystemProbes,
  type Partition,
  type PartitionTable,
  type RegionChoice,
} from "@bootstamp/layout";
import { unpackedSource } from "@bootstamp/press";
import type { SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import { formats } from "./formats.ts";

/** The stampable side of an image that was opened in compressed form. */
export interface PackedImage {
  readonly format: StreamFormat;
  readonly map: SegmentMap;
}

/** An image, raw or stampable, whose raw bytes can be read. */
export interface OpenImage {
  readonly file: FileSource;
  /** The raw bytes. */
  readonly raw: ByteSource;
  /** Absent for a raw image. */
  readonly packed: PackedImage | undefined;
}

/** Opens a raw or stampable image; what it is shows by its first bytes. The caller closes `file`. */
export async function openImage(path: string): Promise<OpenImage> {
  const file = FileSource.open(path);
  try {
    const start = await file.read(0, Math.min(16, file.length));
    const format = formats.find((each) => each.recognises(start));
    if (format === undefined) return { file, raw: file, packed: undefined };
    const map = await format.readMap(file);
    return { file, raw: unpackedSource(format, map, file), packed: { format, map } };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A partition table with what its partitions hold. */
export interface ReadLayout {
  readonly table: PartitionTable;
  readonly probes: FileSystemProbes;
}

/** Reads the partition table and names the file systems. @throws LayoutError, SourceError. */
export async function readLayout(raw: ByteSource, sectorLength?: 512 | 4096): Promise<ReadLayout> {
  const table = await readPartitionTable(raw, sectorLength === undefined ? {} : { sectorLength });
  return { table, probes: await probeFileSystems(raw, table) };
}

/** The partition that a choice means. @throws LayoutError `LAYOUT_REGION_*`. */
export function regionOf({ table, probes }: ReadLayout, choice: RegionChoice | undefined): Partition {
  return chooseRegion(table, choice, probes);
}
