/** The firmware that an image starts under. */
export type Firmware = "uefi" | "bios";

/** What a partition is for in its image. */
export type PartitionRole = "bios-boot" | "esp" | "boot" | "root";

export type FileSystem = "fat12" | "fat16" | "fat32" | "ext4" | "none";

export interface ImagePartition {
  /** As partition tables count: from 1. */
  readonly number: number;
  readonly role: PartitionRole;
  /** The partition's name in a GPT. An MBR has no names: there it is the recipe's word alone. */
  readonly label: string;
  readonly fileSystem: FileSystem;
  /** Bytes. */
  readonly offset: number;
  readonly length: number;
}

export interface ImageInfo {
  readonly name: string;
  /** Absolute path of the raw image. It is shared: copy it before writing to it. */
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  readonly sectorLength: 512 | 4096;
  readonly table: "gpt" | "mbr";
  /** What it starts under, empty where it does not boot. */
  readonly boots: readonly Firmware[];
  readonly partitions: readonly ImagePartition[];
}

/** Returns the one partition that has a role. @throws RangeError where there is none. */
export function partitionOf(image: ImageInfo, role: PartitionRole): ImagePartition {
  const found = image.partitions.find((partition) => partition.role === role);
  if (found === undefined) throw new RangeError(`${image.name} has no ${role} partition`);
  return found;
}
