import type { ByteSource } from "@bootstamp/byte-source";
import {
  chooseRegion,
  probeFileSystems,
  readPartitionTable,
  type FileSystemProbes,
  type Partition,
  type PartitionTable,
  type RegionChoice,
} from "@bootstamp/layout";
import { ProgramError } from "./program-error.ts";
import { contentOf, type PackedImage } from "./container-content.ts";
import { formats } from "./formats.ts";
import { openContainer, type OpenContext } from "./open-container.ts";
import { closedOnFailure, readableOf, type ReadableImage } from "./open-readable.ts";

/** An image in a compressed file whose segments are known. */
export interface StampableImage extends ReadableImage {
  readonly packed: PackedImage;
}

/**
 * Opens a file, or what a URL leads to, that has to be a stampable image. The caller closes it.
 * @throws ProgramError `USAGE_NOT_AN_IMAGE` for one that is not compressed in a format of ours; MapError.
 */
export async function openStampable(reference: string, context: OpenContext): Promise<StampableImage> {
  const container = await openContainer(reference, context);
  return await closedOnFailure(container, async () => {
    const content = await contentOf(container.file, "map");
    if (content.kind === "foreign-gzip") throw content.missing;
    const readable = await readableOf(reference, container, content, context);
    const { packed } = readable;
    if (packed !== undefined) return { ...readable, packed };
    throw notStampable(container.name);
  });
}

function notStampable(name: string): ProgramError {
  const known = formats.map(({ extension }) => extension).join(", ");
  return new ProgramError("USAGE_NOT_AN_IMAGE", `${name} is not a stampable image: it is no ${known} file`, {
    path: name,
  });
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
