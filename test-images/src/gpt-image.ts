import { MemorySource } from "@bootstamp/byte-source";
import { assembleImage, type DiskContent } from "@bootstamp/disk-image";
import type { GptDescription, SectorLength, TableDescription } from "@bootstamp/layout";
import { imageEpoch } from "./file-tree.ts";
import { fixedGuid, type partitionTypes } from "./guid.ts";
import type { BuiltImage } from "./image-cache.ts";
import type { FileSystem, ImageInfo, ImagePartition, PartitionRole } from "./image-info.ts";

/** A partition before it has a place. */
export interface PlannedPartition {
  readonly role: PartitionRole;
  readonly label: string;
  readonly type: (typeof partitionTypes)[keyof typeof partitionTypes];
  readonly fileSystem: FileSystem;
  /** Bytes; rounded up to whole MiB. */
  readonly length: number;
  /** Bytes, or a file of this machine. */
  readonly content: Uint8Array | { readonly hostPath: string };
}

/** What a recipe says of its image. */
export interface DescribedImage extends Pick<ImageInfo, "name" | "boots"> {
  readonly sectorLength?: SectorLength;
  /** Code for the start of the MBR. */
  readonly bootCode?: Uint8Array;
  /** Whether partitions may lie right behind the table, instead of from 1 MiB on. */
  readonly usesAll?: boolean;
}

export const mebibyte = 1 << 20;

/** Places partitions one after the other from the first MiB on, each on a whole MiB. */
export function placePartitions(planned: readonly PlannedPartition[]): ImagePartition[] {
  let offset = mebibyte;
  return planned.map(({ role, label, fileSystem, length }, index) => {
    const placed = { number: index + 1, role, label, fileSystem, offset, length: roundUp(length) };
    offset += placed.length;
    return placed;
  });
}

/** Bytes of an image with these partitions: one MiB stays free behind the last one, for the backup table. */
export function imageLength(partitions: readonly ImagePartition[]): number {
  const last = partitions.at(-1);
  return (last === undefined ? mebibyte : last.offset + last.length) + mebibyte;
}

/** Writes an image with a GPT. */
export async function writeGptImage(
  path: string,
  image: DescribedImage,
  planned: readonly PlannedPartition[],
): Promise<BuiltImage> {
  const partitions = placePartitions(planned);
  const { sectorLength = 512, usesAll = false } = image;
  const diskLength = imageLength(partitions);
  const table: GptDescription = {
    kind: "gpt",
    sectorLength,
    diskLength,
    diskId: fixedGuid(0),
    ...(usesAll ? { usable: allBetween(sectorLength, diskLength) } : {}),
    partitions: partitions.map(({ number, label, offset, length }, index) => ({
      number,
      offset,
      length,
      typeId: planned[index]?.type ?? "",
      uniqueId: fixedGuid(number),
      name: label,
      attributes: [],
    })),
  };
  return await writePlanned(path, image, planned, partitions, table);
}

/**
 * Writes an image with an MBR. `systemIds` are the types of the partitions in the same order, as "0x0c"; the planned
 * types and labels are GPT's.
 */
export async function writeMbrImage(
  path: string,
  image: DescribedImage,
  planned: readonly PlannedPartition[],
  systemIds: readonly string[],
): Promise<BuiltImage> {
  const partitions = placePartitions(planned);
  return await writePlanned(path, image, planned, partitions, {
    kind: "mbr",
    sectorLength: image.sectorLength ?? 512,
    diskLength: imageLength(partitions),
    diskId: "0xb0075a3b",
    partitions: partitions.map(({ number, offset, length }, index) => ({
      number,
      offset,
      length,
      placement: "primary",
      typeId: systemIds[index] ?? "",
      bootable: false,
    })),
  });
}

async function writePlanned(
  path: string,
  { name, boots, bootCode }: DescribedImage,
  planned: readonly PlannedPartition[],
  partitions: readonly ImagePartition[],
  table: TableDescription,
): Promise<BuiltImage> {
  const contents = new Map(planned.map(({ content }, index) => [index + 1, contentOf(content)]));
  const code = bootCode === undefined ? {} : { bootCode };
  await assembleImage({ table, contents, output: path, clock: imageEpoch, ...code });
  const { kind, sectorLength, diskLength } = table;
  return { name, boots, table: kind, length: diskLength, sectorLength, partitions };
}

function contentOf(content: PlannedPartition["content"]): DiskContent {
  return content instanceof Uint8Array
    ? { kind: "source", source: new MemorySource(content) }
    : { kind: "image", path: content.hostPath };
}

/** What lies between the two copies of a table of 128 entries, 16 KiB each. */
function allBetween(sectorLength: number, diskLength: number): { offset: number; length: number } {
  const offset = 2 * sectorLength + 16_384;
  return { offset, length: diskLength - sectorLength - 16_384 - offset };
}

function roundUp(length: number): number {
  return Math.ceil(length / mebibyte) * mebibyte;
}
