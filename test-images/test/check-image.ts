import type { ImageInfo, ImagePartition } from "@bootstamp/test-images";
import { e2fsck, fsckVfat, run, sfdiskVerify, sgdiskVerify } from "@bootstamp/witnesses";

/** The tools that {@link checkTable} and {@link checkFileSystem} run. */
export const checkTools: readonly string[] = ["sfdisk", "sgdisk", "fdisk", "e2fsck", "fsck.vfat"];

/** Holds a partition table against independent readers and returns how many partitions fdisk lists. @throws Error where one finds a fault. */
export async function checkTable(image: ImageInfo): Promise<number> {
  if (image.sectorLength === 512) await sfdiskVerify(image.path);
  if (image.sectorLength === 512 && image.table === "gpt") await sgdiskVerify(image.path);
  // fdisk alone can be told of a file's sectors.
  const listing = await run("fdisk", ["-b", String(image.sectorLength), "-l", image.path]);
  if (/corrupt|mismatch|error/i.test(listing)) throw new Error(listing);
  return listing.split("\n").filter((line) => line.startsWith(image.path)).length;
}

/** Runs fsck over a partition and returns its report. @throws Error where it finds a fault. */
export async function checkFileSystem(image: ImageInfo, partition: ImagePartition): Promise<string> {
  if (partition.fileSystem === "ext4") return e2fsck(image.path, partition.offset);
  if (partition.fileSystem === "none") return "no file system";
  return fsckVfat(image.path, partition);
}
