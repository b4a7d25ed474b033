import type { ByteSource, SyncByteSource } from "@bootstamp/byte-source";
import { probeFileSystem } from "@bootstamp/layout";
import { BootfsError } from "./bootfs-error.ts";
import { readBytes, type Disk } from "./disk.ts";
import { editClock } from "./edit-clock.ts";
import { ExtFileSystem } from "./ext/ext-file-system.ts";
import { ExtReader } from "./ext/ext-reader.ts";
import { FatFileSystem } from "./fat/fat-file-system.ts";
import { FatReader } from "./fat/fat-reader.ts";
import type { FileSystem, FileSystemReader } from "./file-system.ts";

/**
 * Opens the file system that starts at the start of `source`, to read it as it is.
 * @throws BootfsError `BOOTFS_UNSUPPORTED_FILE_SYSTEM` with its name, `BOOTFS_TRUNCATED`, `BOOTFS_FEATURE`,
 *   `BOOTFS_CORRUPT`.
 */
export async function openReader(source: SyncByteSource): Promise<FileSystemReader> {
  return (await detect(source)) === "fat" ? new FatReader(source) : new ExtReader(source);
}

/**
 * Opens a file system to change it.
 * @param sectorLength of the disk; FAT cannot be used on a disk whose sectors are longer than its own.
 * @param clock the time of all changes, in seconds since 1970; default: when the file system was last written.
 * @returns with the clock that the caller must freeze the thread's time at before the first change.
 * @throws BootfsError as {@link openReader}, `BOOTFS_DIRTY_JOURNAL`, `BOOTFS_NOT_CLEAN`, `BOOTFS_HAS_ERRORS`,
 *   `BOOTFS_ORPHANS`, `BOOTFS_RANGE`.
 */
export async function openWriter(
  disk: Disk,
  sectorLength: number,
  clock: number | undefined,
): Promise<{ fs: FileSystem; seconds: number }> {
  if ((await detect(disk)) === "fat") {
    const fs = new FatFileSystem(disk, sectorLength);
    return { fs, seconds: editClock(fs.identity.kind, clock ?? fs.labelTime() ?? 0) };
  }
  const { identity, superblock } = new ExtReader(disk);
  const seconds = editClock(identity.kind, clock ?? (superblock.writeTime || superblock.madeTime));
  return { fs: new ExtFileSystem(disk, seconds), seconds };
}

async function detect(source: SyncByteSource): Promise<"ext" | "fat"> {
  const probe = await probeFileSystem(asAsync(source), { offset: 0, length: source.length });
  if (probe.editable) return probe.name.startsWith("fat") ? "fat" : "ext";
  throw new BootfsError(
    "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
    `the region holds ${described(probe.name, probe.candidates)}; FAT12, FAT16, FAT32, ext2, ext3 and ext4 can be edited`,
    { name: probe.name },
  );
}

function described(name: string, candidates: readonly string[]): string {
  if (name === "unknown") return "no file system that is known";
  if (name === "conflict") return `signatures of more than one file system (${candidates.join(", ")})`;
  return name;
}

function asAsync(source: SyncByteSource): ByteSource {
  return { length: source.length, read: async (offset, length) => readBytes(source, offset, length) };
}
