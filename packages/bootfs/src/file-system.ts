/** What a directory entry stands for; `other` is a device, a pipe or a socket. */
export type FileKind = "file" | "directory" | "link" | "other";

export interface FileStat {
  /** The last name of the path as the disk has it: on FAT it may be in other cases than asked for. */
  readonly name: string;
  readonly kind: FileKind;
  /** In bytes; of a directory what the file system keeps it in, of a link its target. */
  readonly length: number;
  /** Permission bits, 0..0o7777. FAT has the read-only attribute alone: 0o555 with it, else 0o755. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Last change of the content, seconds since 1970 in UTC (FAT keeps no time zone: taken as UTC). */
  readonly modified: number;
}

export interface DirectoryEntry {
  /** Bytes that are not UTF-8 come as lone surrogates U+DC80..U+DCFF. */
  readonly name: string;
  readonly kind: FileKind;
}

/** A run of a file's bytes. Without `offset` it is a hole, which reads as zeros. */
export interface FileExtent {
  readonly fileOffset: number;
  /** From the start of the file system. */
  readonly offset: number | undefined;
  readonly length: number;
}

/** Bytes of the disk, from the start of the file system. */
export interface DiskRange {
  readonly offset: number;
  readonly length: number;
}

export type FileSystemKind = "ext2" | "ext3" | "ext4" | "fat12" | "fat16" | "fat32";

export interface FileSystemIdentity {
  readonly kind: FileSystemKind;
  /** Empty where there is none. */
  readonly label: string;
  /** As `blkid` prints it: a lower-case UUID, or XXXX-XXXX on FAT. */
  readonly uuid: string;
  /** What the file system allocates at once (ext: block, FAT: cluster), in bytes. */
  readonly blockLength: number;
  /** What the file system says it occupies, in bytes; at most the region's length. */
  readonly length: number;
}

/**
 * A file system as it is on the disk at this moment.
 *
 * Paths here are canonical: absolute, without `.`, `..`, doubled slashes or links before the last name.
 * All methods throw `BOOTFS_CORRUPT` where structures on the disk contradict themselves, `BOOTFS_FEATURE` where a
 * file is kept in a way that is not understood.
 */
export interface FileSystemReader {
  readonly identity: FileSystemIdentity;
  /** Undefined where there is nothing; does not follow a link. */
  stat(path: string): FileStat | undefined;
  /** Without `.` and `..`, in the order on the disk. */
  list(path: string): DirectoryEntry[];
  /** The whole of a file. @throws BootfsError `BOOTFS_TOO_LARGE` above 1 GiB. */
  read(path: string): Uint8Array;
  readLink(path: string): string;
  /** Where a file's bytes lie, in order and without gaps, to its length. */
  extents(path: string): FileExtent[];
  /**
   * Where a file or directory is kept: its blocks, those beyond its end and those of its map among them, and its inode
   * or entry. Not the bitmaps and tables that say so.
   */
  occupied(path: string): DiskRange[];
  /** Bytes in free blocks. */
  freeBytes(): number;
}

/** What an owner may decide about a file; what is left out stays. */
export interface FileAttributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * A file system that can be changed. Changes show in the reading methods at once, except in `freeBytes`, and are
 * complete on the disk after {@link FileSystem.flush}. After any error the object and what it wrote are to be thrown away.
 *
 * Names in paths must have passed {@link FileSystem.checkName}; parents must exist.
 */
export interface FileSystem extends FileSystemReader {
  /** @throws BootfsError `BOOTFS_NAME` for a name that cannot be kept. */
  checkName(name: string): void;
  /** Whether two names in one directory would be one file. */
  sameName(a: string, b: string): boolean;
  /**
   * Makes a file, or replaces the content of one, whose owner and mode stay. Takes the blocks that it has.
   * @param mode for a new file.
   * @throws BootfsError `BOOTFS_NO_SPACE` with the bytes missing.
   */
  writeFile(path: string, content: Uint8Array, mode: number): Promise<void>;
  /**
   * Replaces the bytes of a file where they lie, and changes nothing else: none of its times, no table, no counter.
   * @param content exactly as long as the file.
   * @throws BootfsError `BOOTFS_NOT_A_SLOT` for a file with holes or with space that was only set aside.
   */
  overwrite(path: string, content: Uint8Array): Promise<void>;
  makeDirectory(path: string, mode: number): Promise<void>;
  /** @throws BootfsError `BOOTFS_NOT_POSSIBLE` on FAT. */
  makeLink(path: string, target: string): Promise<void>;
  /** Removes a file or a link, or an empty directory. */
  remove(path: string): Promise<void>;
  /** Nothing may be at `to`. */
  rename(from: string, to: string): Promise<void>;
  setAttributes(path: string, attributes: FileAttributes): Promise<void>;
  /** Completes what is on the disk, the counters of free space among it. */
  flush(): Promise<void>;
}
