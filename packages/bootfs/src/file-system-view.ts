import type { SyncByteSource } from "@bootstamp/byte-source";
import { sliceSyncSource } from "@bootstamp/byte-source";
import { BootfsError } from "./bootfs-error.ts";
import { checkIsFile } from "./edits/put-file.ts";
import type { DirectoryEntry, FileExtent, FileStat, FileSystemIdentity } from "./file-system.ts";
import { openReader } from "./open-file-system.ts";
import { checkedRegion, type Region } from "./region.ts";
import { notDirectory, resolveExisting } from "./resolve-path.ts";

/**
 * A file system for looking at. Any absolute path will do: links are followed inside the file system, and lead out of
 * it no more than `..` does. Nothing there: `BOOTFS_NOT_FOUND`.
 */
export interface FileSystemView {
  readonly identity: FileSystemIdentity;
  /** Bytes in free blocks. */
  freeBytes(): number;
  stat(path: string): FileStat & { readonly path: string };
  /** Of a link itself. */
  readLink(path: string): string;
  list(path: string): DirectoryEntry[];
  /** @throws BootfsError `BOOTFS_TOO_LARGE` above 1 GiB: take {@link FileSystemView.extents}. */
  read(path: string): Uint8Array;
  /** Where the bytes of a file lie; offsets are from the start of the region. */
  extents(path: string): FileExtent[];
}

/**
 * Opens the file system in a region to read it. It may be one that cannot be edited, such as one with a journal to
 * replay, of which is shown what was on the disk before.
 * @throws BootfsError `BOOTFS_UNSUPPORTED_FILE_SYSTEM`, `BOOTFS_TRUNCATED`, `BOOTFS_FEATURE`, `BOOTFS_CORRUPT`,
 *   `BOOTFS_RANGE`.
 */
export async function openFileSystem(image: SyncByteSource, region: Region): Promise<FileSystemView> {
  const { offset, length } = checkedRegion(region, image.length);
  const fs = await openReader(sliceSyncSource(image, offset, length));
  const file = (path: string): string => {
    const place = resolveExisting(fs, path);
    checkIsFile(place.path, place.stat);
    return place.path;
  };
  return {
    identity: fs.identity,
    freeBytes: () => fs.freeBytes(),
    stat: (path) => {
      const place = resolveExisting(fs, path);
      return { ...place.stat, path: place.path };
    },
    readLink: (path) => {
      const place = resolveExisting(fs, path, false);
      if (place.stat.kind === "link") return fs.readLink(place.path);
      throw new BootfsError("BOOTFS_NOT_FILE", `${path} is no link`, { path });
    },
    list: (path) => {
      const place = resolveExisting(fs, path);
      if (place.stat.kind !== "directory") throw notDirectory(place.path);
      return fs.list(place.path);
    },
    read: (path) => fs.read(file(path)),
    extents: (path) => fs.extents(file(path)),
  };
}
