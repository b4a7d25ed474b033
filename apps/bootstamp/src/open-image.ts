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
import { assertSettled } from "@bootstamp/stamp";
import { aboutFile } from "./about-file.ts";
import { BuildError } from "./build/build-error.ts";
import { formats } from "./formats.ts";

/** The stampable side of an image that was opened in compressed form. */
export interface PackedImage {
  readonly format: StreamFormat;
  readonly map: SegmentMap;
}

export type StampableImage = PackedImage & Pick<OpenImage, "file" | "raw">;

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
  assertSettled(path);
  const file = FileSource.open(path);
  try {
    const format = await formatOfFile(file);
    if (format === undefined) return { file, raw: file, packed: undefined };
    const map = await aboutFile(path, async () => await format.readMap(file));
    return { file, raw: unpackedSource(format, map, file), packed: { format, map } };
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * {@link openImage} for a file that has to be a stampable image.
 * @throws BuildError `USAGE_NOT_AN_IMAGE` for one that is not compressed in a format of ours; MapError.
 */
export async function openStampable(path: string): Promise<StampableImage> {
  const { file, raw, packed } = await openImage(path);
  if (packed !== undefined) return { file, raw, ...packed };
  file.close();
  const known = formats.map(({ extension }) => extension).join(", ");
  throw new BuildError("USAGE_NOT_AN_IMAGE", `${path} is not a stampable image: it is no ${known} file`, {
    path,
  });
}

/** The format that a file's first bytes are of; undefined for a raw image. */
export async function formatOfFile(file: ByteSource): Promise<StreamFormat | undefined> {
  const start = await file.read(0, Math.min(16, file.length));
  return formats.find((each) => each.recognises(start));
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
