import type { Disk } from "../disk.ts";
import { blockRuns, type BlockRun } from "./block-map.ts";
import {
  inodeFlag,
  inodeFlags,
  inodeLength,
  setInodeLength,
  setInodeTimes,
  writeInode,
  type Inode,
} from "./inode.ts";
import type { Superblock } from "./superblock.ts";

/**
 * Replaces a file's content where it lies, if the new content takes as many blocks as the old: then nothing changes
 * but those blocks and the inode, no bitmap, no counter and no directory.
 * @returns false, with nothing written, if the content does not fit so.
 */
export function rewriteInPlace(
  disk: Disk,
  superblock: Superblock,
  inode: Inode,
  content: Uint8Array,
  seconds: number,
): boolean {
  const { blockLength } = superblock;
  const blockCount = Math.ceil(content.length / blockLength);
  if (Math.ceil(inodeLength(inode) / blockLength) !== blockCount) return false;
  if ((inodeFlags(inode) & inodeFlag.verity) !== 0) return false;
  const runs = blockRuns(disk, superblock, inode);
  if (!coversAll(runs, blockCount)) return false;
  for (const run of runs) writeRun(disk, run, content, blockLength);
  const changed = { ...inode, bytes: inode.bytes.slice() };
  setInodeLength(changed, content.length);
  setInodeTimes(changed, seconds, true);
  writeInode(disk, superblock, changed);
  return true;
}

function coversAll(runs: readonly BlockRun[], blockCount: number): boolean {
  const covered = runs.filter((run) => run.written).reduce((sum, run) => sum + run.count, 0);
  return covered === blockCount;
}

/** Block by block: a block that stays is then not copied. Beyond the end of a file its last block holds zeros. */
function writeRun(disk: Disk, run: BlockRun, content: Uint8Array, blockLength: number): void {
  for (let index = 0; index < run.count; index++) {
    const from = (run.fileBlock + index) * blockLength;
    const part = content.subarray(from, from + blockLength);
    const block = new Uint8Array(blockLength);
    block.set(part);
    disk.writeSync((run.block + index) * blockLength, block);
  }
}
