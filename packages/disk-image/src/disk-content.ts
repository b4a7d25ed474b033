import type { ByteSource } from "@bootstamp/byte-source";
import type { FatWidth } from "@bootstamp/bootfs";

/** What is put into a partition; a partition without any stays a hole. */
export type DiskContent = ImageContent | SourceContent | DirectoryContent | FileSystemContent;

/** A raw image of a file system, or any file, as it is. */
export interface ImageContent {
  readonly kind: "image";
  readonly path: string;
}

/** Bytes that are at hand, or come from elsewhere. */
export interface SourceContent {
  readonly kind: "source";
  readonly source: ByteSource;
}

/**
 * A new file system that fills the partition, with the files of a directory of this machine.
 *
 * The same files make the same bytes: they come in the order of their names, every time is the job's clock, and owner
 * and group are root. FAT is made here; it has no links, owners or modes, but for the read-only attribute. ext4 is made
 * by `mke2fs`; extended attributes are not taken over.
 */
export interface DirectoryContent extends NewFileSystem {
  readonly kind: "directory";
  readonly path: string;
  /** ext4: whether owners and groups are those of the directory's files instead of root. */
  readonly keepOwners?: boolean;
}

/** A new file system that fills the partition and is empty. */
export interface FileSystemContent extends NewFileSystem {
  readonly kind: "file-system";
}

export interface NewFileSystem {
  readonly fileSystem: "fat" | "ext4";
  /** FAT: at most 11 characters; ext4: at most 16 bytes. */
  readonly label?: string;
  /** ext4: a GUID; FAT: eight hexadecimal digits as XXXX-XXXX. Default: derived from the partition's own id. */
  readonly uuid?: string;
  /** Which FAT; default: FAT32 where the partition is large enough for it, else FAT16, else FAT12. */
  readonly fatWidth?: FatWidth;
}
