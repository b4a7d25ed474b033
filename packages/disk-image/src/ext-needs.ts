/*
 * What a tree takes in an ext4 file system as `mke2fs` makes it here: blocks of 4 KiB in groups of 32,768; of each
 * group two bitmaps and its part of the inode table; in some of them a copy of the superblock and of the descriptors,
 * with room for these to grow 1024-fold; and a journal, whose length mke2fs takes from that of the file system.
 */
import type { TreeNode } from "./directory-tree.ts";

export const extBlockLength = 4096;
const groupBlocks = 32_768;
const inodeLength = 256;
const descriptorLength = 64;
/** Inodes that are taken before the first file: ten reserved ones and lost+found. */
const ownInodes = 11;
/** A link's target of so many bytes is kept in its inode. */
const inlineTarget = 59;
const bytesPerInode = 16_384;
/** lost+found, made large so that e2fsck never has to enlarge it. */
const ownBlocks = 4;
/** Of a shorter file system mke2fs says that it cannot be built. */
const leastBlocks = 256;

/** What e2fsprogs 1.47 gives a file system below each number of blocks; `ext2fs_default_journal_size`. */
const journals: readonly (readonly [below: number, blocks: number])[] = [
  [2048, 0],
  [32_768, 1024],
  [262_144, 4096],
  [524_288, 8192],
  [4_194_304, 16_384],
  [8_388_608, 32_768],
  [16_777_216, 65_536],
  [33_554_432, 131_072],
  [Infinity, 262_144],
];

/** How many inodes to ask for: what is usual for the length, or what the tree needs and some. */
export function extInodes(nodes: readonly TreeNode[], length: number): number {
  const needed = new Set(nodes.map(({ identity }) => identity)).size + ownInodes;
  return Math.max(Math.floor(length / bytesPerInode), Math.ceil(needed * 1.05) + 16);
}

/** The bytes that contents and directories alone take: less there cannot be. */
export function extContentLength(nodes: readonly TreeNode[]): number {
  const seen = new Set<string>();
  let blocks = ownBlocks;
  const names = new Map<string, number>([["", 0]]);
  for (const { path, kind, length, identity } of nodes) {
    const parent = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
    const name = Buffer.byteLength(path) - (parent === "" ? 0 : Buffer.byteLength(parent) + 1);
    // An entry: 8 bytes and the name, to a multiple of 4.
    names.set(parent, (names.get(parent) ?? 0) + 8 + Math.ceil(name / 4) * 4);
    if (kind === "directory") names.set(path, 0);
    if (seen.has(identity)) continue;
    seen.add(identity);
    if (kind === "file" || (kind === "link" && length > inlineTarget))
      blocks += Math.ceil(length / extBlockLength);
  }
  // "." and "..", and the block's checksum at its end.
  for (const bytes of names.values()) blocks += Math.ceil((bytes + 24) / (extBlockLength - 12));
  return blocks * extBlockLength;
}

/** A length of a file system that has room for a tree: in whole blocks, a little more than the least possible. */
export function extLengthFor(nodes: readonly TreeNode[]): number {
  const content = Math.ceil((extContentLength(nodes) / extBlockLength) * 1.02) + 32;
  let blocks = Math.max(content, leastBlocks);
  for (;;) {
    const needed = content + overheadBlocks(blocks, extInodes(nodes, blocks * extBlockLength));
    if (needed <= blocks) return blocks * extBlockLength;
    blocks = needed;
  }
}

function overheadBlocks(blocks: number, inodes: number): number {
  const groups = Math.ceil(blocks / groupBlocks);
  const inodesPerGroup = Math.ceil(inodes / groups / 16) * 16;
  const tables = groups * Math.ceil((inodesPerGroup * inodeLength) / extBlockLength);
  const descriptors = Math.ceil((groups * descriptorLength) / extBlockLength);
  const grown = Math.ceil(((blocks * 1024) / groupBlocks) * (descriptorLength / extBlockLength));
  const spare = Math.min(1024, Math.max(0, grown - descriptors));
  const copies = Array.from({ length: groups }, (_, group) => group).filter(hasCopy).length;
  const journal = journals.find(([below]) => blocks < below)?.[1] ?? 0;
  return tables + 2 * groups + copies * (1 + descriptors + spare) + journal + 1;
}

/** "sparse_super": groups 0, 1 and the powers of 3, 5 and 7. */
function hasCopy(group: number): boolean {
  return group <= 1 || [3, 5, 7].some((base) => isPower(group, base));
}

function isPower(value: number, base: number): boolean {
  let rest = value;
  while (rest % base === 0) rest /= base;
  return rest === 1;
}
