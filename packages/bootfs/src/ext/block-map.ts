/*
 * Which blocks hold a file, from the 60 bytes at 0x28 of its inode (Linux, Documentation/filesystems/ext4/
 * {ifork,blockmap,extents}.rst). Either a tree of extents,
 *
 *   header   magic F30A | entries | max | depth | generation(4)
 *   leaf     first file block(4) | count(2), above 32768: unwritten | start high(2) | start low(4)
 *   index    first file block(4) | child low(4) | child high(2) | unused(2)
 *
 * or 12 block numbers, then blocks of block numbers one, two and three levels deep.
 */
import type { SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "../bootfs-error.ts";
import { readBytes, viewOf } from "../disk.ts";
import { inodeFlag, inodeFlags, inodeLength, type Inode } from "./inode.ts";
import type { Superblock } from "./superblock.ts";

/** Blocks of a file that lie one after the other. What no run covers is a hole. */
export interface BlockRun {
  readonly fileBlock: number;
  readonly block: number;
  readonly count: number;
  /** False: set aside only, reads as zeros. */
  readonly written: boolean;
}

const extentMagic = 0xf30a;
const largestDepth = 5;
/** A hostile map can send a reader round in circles: no honest file of a boot partition has more index blocks. */
const indexBlockLimit = 4096;

interface Walk {
  readonly source: SyncByteSource;
  readonly superblock: Superblock;
  readonly inode: Inode;
  /** Blocks from here on are beyond the file's end. */
  readonly end: number;
  readonly runs: BlockRun[];
  readonly indexBlocks: number[];
}

/** The runs of a file up to its length, in order. @throws BootfsError `BOOTFS_CORRUPT`, `BOOTFS_FEATURE`. */
export function blockRuns(source: SyncByteSource, superblock: Superblock, inode: Inode): BlockRun[] {
  return walkMap(source, superblock, inode, Math.ceil(inodeLength(inode) / superblock.blockLength)).runs;
}

/**
 * All blocks that a file or directory takes: also those beyond its end, and those of its map.
 * @throws BootfsError `BOOTFS_CORRUPT`, `BOOTFS_FEATURE`.
 */
export function occupiedBlocks(
  source: SyncByteSource,
  superblock: Superblock,
  inode: Inode,
): Pick<BlockRun, "block" | "count">[] {
  const { runs, indexBlocks } = walkMap(source, superblock, inode, Infinity);
  return [...runs, ...indexBlocks.map((block) => ({ block, count: 1 }))];
}

function walkMap(source: SyncByteSource, superblock: Superblock, inode: Inode, end: number): Walk {
  refuseForeign(inode);
  const walk: Walk = { source, superblock, inode, end, runs: [], indexBlocks: [] };
  const root = inode.bytes.subarray(0x28, 0x64);
  if ((inodeFlags(inode) & inodeFlag.extents) !== 0) walkExtents(walk, root, largestDepth);
  else walkBlockNumbers(walk, root);
  return walk;
}

/** @throws BootfsError `BOOTFS_FEATURE` for a file whose content is not in blocks as they stand. */
export function refuseForeign(inode: Inode): void {
  const flags = inodeFlags(inode);
  const encrypted = (flags & inodeFlag.encrypted) !== 0;
  if (!encrypted && (flags & inodeFlag.inlineData) === 0) return;
  const foreign = encrypted ? "encrypted" : "kept inside its inode (inline_data)";
  throw new BootfsError(
    "BOOTFS_FEATURE",
    `a file is ${foreign}, which is not supported (inode ${inode.number})`,
    { inode: inode.number },
  );
}

function walkExtents(walk: Walk, node: Uint8Array, depthLimit: number): void {
  const view = viewOf(node);
  const entries = view.getUint16(2, true);
  const depth = view.getUint16(6, true);
  const sound =
    view.getUint16(0, true) === extentMagic && depth <= depthLimit && 12 + entries * 12 <= node.length;
  if (!sound) throw corrupt(walk, "a node of its extent tree makes no sense");
  for (let index = 0; index < entries; index++) {
    const at = 12 + index * 12;
    if (view.getUint32(at, true) >= walk.end) return;
    if (depth === 0) {
      addExtent(walk, view, at);
    } else {
      const child = view.getUint32(at + 4, true) + view.getUint16(at + 8, true) * 2 ** 32;
      walkExtents(walk, readIndexBlock(walk, child), depth - 1);
    }
  }
}

function addExtent(walk: Walk, view: DataView, at: number): void {
  const length = view.getUint16(at + 4, true);
  const written = length <= 32_768;
  const block = view.getUint32(at + 8, true) + view.getUint16(at + 6, true) * 2 ** 32;
  addRun(walk, {
    fileBlock: view.getUint32(at, true),
    block,
    count: written ? length : length - 32_768,
    written,
  });
}

function walkBlockNumbers(walk: Walk, root: Uint8Array): void {
  const view = viewOf(root);
  const perBlock = walk.superblock.blockLength / 4;
  for (let index = 0; index < 12; index++) addBlock(walk, index, view.getUint32(index * 4, true));
  let fileBlock = 12;
  for (let level = 1; level <= 3; level++) {
    walkIndirect(walk, view.getUint32((11 + level) * 4, true), level, fileBlock);
    fileBlock += perBlock ** level;
  }
}

/** `level` 1: the block holds numbers of the file's blocks; 2 and 3: of blocks one level below. */
function walkIndirect(walk: Walk, block: number, level: number, fileBlock: number): void {
  if (block === 0 || fileBlock >= walk.end) return;
  const perBlock = walk.superblock.blockLength / 4;
  const below = perBlock ** (level - 1);
  const view = viewOf(readIndexBlock(walk, block));
  for (let index = 0; index < perBlock && fileBlock + index * below < walk.end; index++) {
    const number = view.getUint32(index * 4, true);
    if (level === 1) addBlock(walk, fileBlock + index, number);
    else walkIndirect(walk, number, level - 1, fileBlock + index * below);
  }
}

function addBlock(walk: Walk, fileBlock: number, block: number): void {
  if (block === 0 || fileBlock >= walk.end) return;
  const last = walk.runs.at(-1);
  const continues =
    last !== undefined && last.fileBlock + last.count === fileBlock && last.block + last.count === block;
  if (!continues) return addRun(walk, { fileBlock, block, count: 1, written: true });
  checkBlocks(walk, block, 1);
  walk.runs[walk.runs.length - 1] = { ...last, count: last.count + 1 };
}

function addRun(walk: Walk, run: BlockRun): void {
  const last = walk.runs.at(-1);
  const from = last === undefined ? 0 : last.fileBlock + last.count;
  if (run.count === 0 || run.fileBlock < from) throw corrupt(walk, "its extents overlap");
  checkBlocks(walk, run.block, run.count);
  // Blocks may be set aside beyond the end; they are no part of the content.
  const count = Math.min(run.count, walk.end - run.fileBlock);
  if (count > 0) walk.runs.push({ ...run, count });
}

function readIndexBlock(walk: Walk, block: number): Uint8Array {
  walk.indexBlocks.push(block);
  if (walk.indexBlocks.length > indexBlockLimit)
    throw corrupt(walk, `its block map has more than ${indexBlockLimit} index blocks`);
  checkBlocks(walk, block, 1);
  const { blockLength } = walk.superblock;
  return readBytes(walk.source, block * blockLength, blockLength);
}

function checkBlocks(walk: Walk, block: number, count: number): void {
  const { firstDataBlock, blockCount } = walk.superblock;
  if (block <= firstDataBlock || block + count > blockCount) {
    throw corrupt(walk, `it refers to blocks ${block} to ${block + count} of ${blockCount}`);
  }
}

function corrupt(walk: Walk, complaint: string): BootfsError {
  return new BootfsError(
    "BOOTFS_CORRUPT",
    `cannot follow a file of the ext file system: ${complaint} (inode ${walk.inode.number})`,
    {
      inode: walk.inode.number,
    },
  );
}
