import type { SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "../bootfs-error.ts";
import { readExtents } from "../file-content.ts";
import { decodeName } from "../file-name.ts";
import type {
  DirectoryEntry,
  DiskRange,
  FileExtent,
  FileKind,
  FileStat,
  FileSystemIdentity,
  FileSystemReader,
} from "../file-system.ts";
import { nameOf, splitPath } from "../path.ts";
import { notFound } from "../resolve-path.ts";
import { blockRuns, occupiedBlocks, refuseForeign } from "./block-map.ts";
import { directoryEntries } from "./ext-directory.ts";
import { kindOf } from "./ext-features.ts";
import { checkExtReadable } from "./ext-preflight.ts";
import { inodeLength, inodeStat, readInode, rootInode, type Inode } from "./inode.ts";
import { readSuperblock, type Superblock } from "./superblock.ts";

/** A target up to this long is kept in the inode's block map (Linux, ext4_inode_is_fast_symlink). */
const fastLinkLength = 59;

/** Reads ext2, ext3 and ext4. Keeps nothing but the superblock: what others write to `source` shows at once. */
export class ExtReader implements FileSystemReader {
  readonly identity: FileSystemIdentity;
  readonly superblock: Superblock;
  readonly #source: SyncByteSource;

  /** @throws BootfsError as {@link readSuperblock} and {@link checkExtReadable}. */
  constructor(source: SyncByteSource) {
    this.#source = source;
    this.superblock = readSuperblock(source);
    checkExtReadable(this.superblock, source.length);
    const { label, uuid, blockLength, blockCount } = this.superblock;
    this.identity = {
      kind: kindOf(this.superblock),
      label,
      uuid,
      blockLength,
      length: blockCount * blockLength,
    };
  }

  stat(path: string): FileStat | undefined {
    const inode = this.find(path);
    return inode === undefined ? undefined : { ...inodeStat(inode), name: nameOf(path) };
  }

  list(path: string): DirectoryEntry[] {
    const entries = [...directoryEntries(this.#source, this.superblock, this.#get(path, "directory"))];
    return entries
      .filter(({ name }) => name !== "." && name !== "..")
      .map(({ name, inode }) => ({
        name,
        kind: inodeStat(readInode(this.#source, this.superblock, inode)).kind,
      }));
  }

  read(path: string): Uint8Array {
    return readExtents(this.#source, path, this.extents(path));
  }

  readLink(path: string): string {
    const inode = this.#get(path, "link");
    refuseForeign(inode);
    const length = inodeLength(inode);
    if (length <= fastLinkLength) return decodeName(inode.bytes.slice(0x28, 0x28 + length));
    if (length > 4096)
      throw new BootfsError("BOOTFS_CORRUPT", `the target of the link ${path} is ${length} bytes long`, {
        path,
      });
    return decodeName(readExtents(this.#source, path, this.#extentsOf(inode)));
  }

  extents(path: string): FileExtent[] {
    return this.#extentsOf(this.#get(path, "file"));
  }

  occupied(path: string): DiskRange[] {
    const inode = this.find(path);
    if (inode === undefined) throw notFound(path, path);
    const { blockLength } = this.superblock;
    const blocks = occupiedBlocks(this.#source, this.superblock, inode);
    return [
      { offset: inode.offset, length: inode.bytes.length },
      ...blocks.map(({ block, count }) => ({ offset: block * blockLength, length: count * blockLength })),
    ];
  }

  freeBytes(): number {
    return readSuperblock(this.#source).freeBlockCount * this.superblock.blockLength;
  }

  /** The inode at a canonical path, or undefined. */
  find(path: string): Inode | undefined {
    let inode = readInode(this.#source, this.superblock, rootInode);
    for (const name of splitPath(path)) {
      if (inodeStat(inode).kind !== "directory") return undefined;
      const entry = this.#entry(inode, name);
      if (entry === undefined) return undefined;
      inode = readInode(this.#source, this.superblock, entry);
    }
    return inode;
  }

  #entry(directory: Inode, name: string): number | undefined {
    for (const entry of directoryEntries(this.#source, this.superblock, directory)) {
      if (entry.name === name) return entry.inode;
    }
    return undefined;
  }

  #get(path: string, kind: FileKind): Inode {
    const inode = this.find(path);
    if (inode === undefined || inodeStat(inode).kind !== kind) {
      throw new BootfsError("BOOTFS_NOT_FOUND", `there is no ${kind} ${path}`, { path });
    }
    return inode;
  }

  #extentsOf(inode: Inode): FileExtent[] {
    const { blockLength } = this.superblock;
    const length = inodeLength(inode);
    const extents: FileExtent[] = [];
    let end = 0;
    const add = (to: number, offset: number | undefined): void => {
      if (to > end) extents.push({ fileOffset: end, offset, length: to - end });
      end = Math.max(end, to);
    };
    for (const run of blockRuns(this.#source, this.superblock, inode)) {
      add(Math.min(run.fileBlock * blockLength, length), undefined);
      const to = Math.min((run.fileBlock + run.count) * blockLength, length);
      add(to, run.written ? run.block * blockLength : undefined);
    }
    add(length, undefined);
    return extents;
  }
}
