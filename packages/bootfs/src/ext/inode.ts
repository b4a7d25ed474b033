/*
 * An inode (Linux, Documentation/filesystems/ext4/inodes.rst), little-endian; the parts that are used here:
 *
 *   0x00 mode   0x02 uid(lo)   0x04 size(lo)   0x0C ctime   0x10 mtime   0x14 dtime   0x18 gid(lo)   0x1A links
 *   0x1C sectors   0x20 flags   0x28 block map, 60 bytes   0x64 generation   0x68 xattr block   0x6C size(hi)
 *   0x78 uid(hi)   0x7A gid(hi)   0x7C checksum(lo)   -- from 0x80 only in inodes of more than 128 bytes:
 *   0x80 extra size   0x82 checksum(hi)   0x84 ctime extra   0x88 mtime extra
 */
import { BootfsError } from "../bootfs-error.ts";
import { readBytes, viewOf, type Disk } from "../disk.ts";
import type { SyncByteSource } from "@bootstamp/byte-source";
import type { FileKind, FileStat } from "../file-system.ts";
import { rawCrc32c } from "./ext-checksum.ts";
import { incompat, roCompat } from "./ext-features.ts";
import { hasSuperblockCopy, type Superblock } from "./superblock.ts";

export interface Inode {
  readonly number: number;
  /** Where it lies in the file system. */
  readonly offset: number;
  /** As it lies there. */
  readonly bytes: Uint8Array;
}

export const rootInode = 2;

export const inodeFlag = {
  encrypted: 0x800,
  indexed: 0x1000,
  extents: 0x8_0000,
  verity: 0x10_0000,
  inlineData: 0x1000_0000,
} as const;

/** Reads an inode. @throws BootfsError `BOOTFS_CORRUPT` for an impossible number or place, or a wrong checksum. */
export function readInode(source: SyncByteSource, superblock: Superblock, number: number): Inode {
  const offset = inodeOffset(source, superblock, number);
  const inode = { number, offset, bytes: readBytes(source, offset, superblock.inodeLength) };
  const { stored, computed } = inodeChecksums(superblock, inode);
  if (stored !== computed) {
    throw new BootfsError(
      "BOOTFS_CORRUPT",
      `inode ${number}, at offset ${offset} of the ext file system, has a wrong checksum: got ${stored}, expected ${computed}`,
      { inode: number, offset, got: stored, expected: computed },
    );
  }
  return inode;
}

/** Writes `inode.bytes`, with the checksum made right, over what is at `inode.offset`. */
export function writeInode(disk: Disk, superblock: Superblock, inode: Inode): void {
  const bytes = inode.bytes.slice();
  if ((superblock.roCompat & roCompat.metadataCsum) !== 0) {
    const view = viewOf(bytes);
    const { computed } = inodeChecksums(superblock, inode);
    view.setUint16(0x7c, computed & 0xffff, true);
    if (hasField(inode, 0x84)) view.setUint16(0x82, computed >>> 16, true);
  }
  disk.writeSync(inode.offset, bytes);
}

export function inodeStat(inode: Inode): Omit<FileStat, "name"> {
  const view = viewOf(inode.bytes);
  const mode = view.getUint16(0x00, true);
  return {
    kind: kindOfMode(mode),
    length: inodeLength(inode),
    mode: mode & 0o7777,
    uid: view.getUint16(0x02, true) + view.getUint16(0x78, true) * 0x1_0000,
    gid: view.getUint16(0x18, true) + view.getUint16(0x7a, true) * 0x1_0000,
    modified: view.getInt32(0x10, true),
  };
}

/** The length of the content. Above 2^53 it cannot be: no block map reaches that far. */
export function inodeLength(inode: Inode): number {
  const view = viewOf(inode.bytes);
  return view.getUint32(0x04, true) + view.getUint32(0x6c, true) * 2 ** 32;
}

export function inodeFlags(inode: Inode): number {
  return viewOf(inode.bytes).getUint32(0x20, true);
}

export function setInodeLength(inode: Inode, length: number): void {
  const view = viewOf(inode.bytes);
  view.setUint32(0x04, length % 2 ** 32, true);
  view.setUint32(0x6c, Math.floor(length / 2 ** 32), true);
}

/** Sets the time of the last change of the inode, and with `content` that of the content, in whole seconds. */
export function setInodeTimes(inode: Inode, seconds: number, content: boolean): void {
  const view = viewOf(inode.bytes);
  view.setUint32(0x0c, seconds, true);
  if (hasField(inode, 0x88)) view.setUint32(0x84, 0, true);
  if (!content) return;
  view.setUint32(0x10, seconds, true);
  if (hasField(inode, 0x8c)) view.setUint32(0x88, 0, true);
}

export function setInodeMode(inode: Inode, mode: number): void {
  const view = viewOf(inode.bytes);
  view.setUint16(0x00, (view.getUint16(0x00, true) & 0xf000) | mode, true);
}

export function setInodeOwner(inode: Inode, uid: number, gid: number): void {
  const view = viewOf(inode.bytes);
  view.setUint16(0x02, uid & 0xffff, true);
  view.setUint16(0x78, uid >>> 16, true);
  view.setUint16(0x18, gid & 0xffff, true);
  view.setUint16(0x7a, gid >>> 16, true);
}

function kindOfMode(mode: number): FileKind {
  const kinds: Readonly<Record<number, FileKind>> = { 0x4000: "directory", 0x8000: "file", 0xa000: "link" };
  return kinds[mode & 0xf000] ?? "other";
}

/** Whether the inode is large enough, and says so, for a field that ends at `end`. */
function hasField(inode: Inode, end: number): boolean {
  if (inode.bytes.length <= 128) return false;
  return 128 + viewOf(inode.bytes).getUint16(0x80, true) >= end;
}

/** Both are 0 where inodes have no checksum. */
function inodeChecksums(superblock: Superblock, inode: Inode): { stored: number; computed: number } {
  if ((superblock.roCompat & roCompat.metadataCsum) === 0) return { stored: 0, computed: 0 };
  const bytes = inode.bytes.slice();
  const view = viewOf(bytes);
  const wide = hasField(inode, 0x84);
  const stored = view.getUint16(0x7c, true) + (wide ? view.getUint16(0x82, true) * 0x1_0000 : 0);
  view.setUint16(0x7c, 0, true);
  if (wide) view.setUint16(0x82, 0, true);
  const numberAndGeneration = new Uint8Array(8);
  viewOf(numberAndGeneration).setUint32(0, inode.number, true);
  numberAndGeneration.set(bytes.subarray(0x64, 0x68), 4);
  const full = rawCrc32c(bytes, rawCrc32c(numberAndGeneration, superblock.checksumSeed));
  return { stored, computed: wide ? full : full & 0xffff };
}

function inodeOffset(source: SyncByteSource, superblock: Superblock, number: number): number {
  if (!Number.isInteger(number) || number < 1 || number > superblock.inodeCount) {
    throw new BootfsError(
      "BOOTFS_CORRUPT",
      `the ext file system refers to inode ${number} of ${superblock.inodeCount}`,
      {
        inode: number,
      },
    );
  }
  const group = Math.floor((number - 1) / superblock.inodesPerGroup);
  const index = (number - 1) % superblock.inodesPerGroup;
  const offset =
    inodeTable(source, superblock, group) * superblock.blockLength + index * superblock.inodeLength;
  if (offset + superblock.inodeLength > superblock.blockCount * superblock.blockLength) {
    throw new BootfsError(
      "BOOTFS_CORRUPT",
      `the inode table of group ${group} lies outside the ext file system`,
      { group },
    );
  }
  return offset;
}

/** The first block of a group's inode table, from its descriptor (bg_inode_table_lo at 8, _hi at 0x28). */
function inodeTable(source: SyncByteSource, superblock: Superblock, group: number): number {
  const descriptor = viewOf(
    readBytes(source, descriptorOffset(superblock, group), superblock.descriptorLength),
  );
  const high = superblock.descriptorLength >= 64 ? descriptor.getUint32(0x28, true) : 0;
  return descriptor.getUint32(0x08, true) + high * 2 ** 32;
}

/** Descriptors follow the superblock; with meta_bg, from some point on, each block of them starts its own groups. */
function descriptorOffset(superblock: Superblock, group: number): number {
  const { blockLength, descriptorLength, firstDataBlock } = superblock;
  const perBlock = blockLength / descriptorLength;
  const index = Math.floor(group / perBlock);
  const within = (group % perBlock) * descriptorLength;
  const spread = (superblock.incompat & incompat.metaBg) !== 0 && index >= superblock.firstMetaGroup;
  // The superblock is in block 1 where blocks are as short as it is; bigalloc counts from 0 even then.
  const superblockAt = blockLength === 1024 ? 1 : 0;
  if (!spread) return (superblockAt + 1 + index) * blockLength + within;
  const firstGroup = index * perBlock;
  const copy = hasSuperblockCopy(superblock, firstGroup) ? 1 : 0;
  return (firstDataBlock + firstGroup * superblock.blocksPerGroup + copy) * blockLength + within;
}
