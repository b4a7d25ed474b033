import { encodeGpt } from "./gpt.ts";
import { fixedGuid, type partitionTypes } from "./guid.ts";
import type { BuiltImage } from "./image-cache.ts";
import { writeImage, type ImagePart } from "./image-file.ts";
import type { FileSystem, ImageInfo, ImagePartition, PartitionRole } from "./image-info.ts";

/** A partition before it has a place. */
export interface PlannedPartition {
  readonly role: PartitionRole;
  readonly label: string;
  readonly type: (typeof partitionTypes)[keyof typeof partitionTypes];
  readonly fileSystem: FileSystem;
  /** Bytes; rounded up to whole MiB. */
  readonly length: number;
  readonly content: ImagePart["content"];
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

/** Writes an image with a GPT made here, and no tool. */
export function writeGptImage(
  path: string,
  image: Pick<ImageInfo, "name" | "sectorLength" | "boots">,
  planned: readonly PlannedPartition[],
): BuiltImage {
  const partitions = placePartitions(planned);
  const length = imageLength(partitions);
  const { head, tail } = encodeGpt({
    diskGuid: fixedGuid(0),
    sectorLength: image.sectorLength,
    length,
    partitions: partitions.map((placed, index) => ({
      type: planned[index]?.type ?? "",
      guid: fixedGuid(placed.number),
      name: placed.label,
      offset: placed.offset,
      length: placed.length,
    })),
  });
  writeImage(path, length, [
    { offset: 0, content: head },
    ...contentsOf(planned, partitions),
    { offset: length - tail.length, content: tail },
  ]);
  return { ...image, length, table: "gpt", partitions };
}

/** Says where the contents of partitions go. */
export function contentsOf(
  planned: readonly PlannedPartition[],
  partitions: readonly ImagePartition[],
): ImagePart[] {
  return partitions.map(({ offset }, index) => ({
    offset,
    content: planned[index]?.content ?? new Uint8Array(),
  }));
}

function roundUp(length: number): number {
  return Math.ceil(length / mebibyte) * mebibyte;
}
