// The Merkle tree of fs-verity. Linux, Documentation/filesystems/fsverity.rst, "Merkle tree".
//
//   level 2   [ root ]                      one hash
//   level 1   [ hash ][ hash ] ...          each of a block of level 0, the last one filled up with zeros
//   level 0   [ hash ][ hash ][ hash ] ...  each of a block of the file, the last one filled up with zeros
//
// A file of one block has that block's hash for its root, an empty file zeros.
import type { VeritySettings } from "./verity-settings.ts";

/** How the tree of a file is cut. Levels count from 0, the hashes of the file's blocks. */
export interface TreeShape {
  readonly settings: VeritySettings;
  /** Of the file. */
  readonly length: number;
  /** How many hashes fit into a block. */
  readonly arity: number;
  readonly blockCount: number;
  /** The level of one hash, or none if the file is empty. */
  readonly rootLevel: number;
}

export function treeShape(settings: VeritySettings, length: number): TreeShape {
  const arity = settings.blockLength / settings.digestLength;
  const blockCount = Math.ceil(length / settings.blockLength);
  let rootLevel = 0;
  for (let count = blockCount; count > 1; count = Math.ceil(count / arity)) rootLevel++;
  return { settings, length, arity, blockCount, rootLevel };
}

/** The lowest level whose hashes come to `memoryLength` bytes at most; the root's if none does. */
export function levelWithin(shape: TreeShape, memoryLength: number): number {
  const { settings, arity, blockCount, rootLevel } = shape;
  let level = 0;
  while (level < rootLevel && Math.ceil(blockCount / arity ** level) * settings.digestLength > memoryLength)
    level++;
  return level;
}
