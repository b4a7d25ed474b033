import { incompat } from "./ext-features.ts";
import { hasSuperblockCopy, type Superblock } from "./superblock.ts";

/**
 * Tells whether an offset lies in a backup copy of the superblock or of the group descriptors.
 *
 * libext2fs brings all copies up to date when it closes a file system; Linux leaves them as mkfs made them, and so do
 * we: each is a block more that every variant would differ in, and an old copy serves e2fsck just as well.
 */
export function backupCopies(superblock: Superblock): (offset: number) => boolean {
  const { blockLength, firstDataBlock, blocksPerGroup, groupCount, descriptorLength } = superblock;
  const spread = (superblock.incompat & incompat.metaBg) !== 0;
  const descriptorBlocks = spread ? 0 : Math.ceil((groupCount * descriptorLength) / blockLength);
  return (offset) => {
    const block = Math.floor(offset / blockLength) - firstDataBlock;
    const group = Math.floor(block / blocksPerGroup);
    return group > 0 && block % blocksPerGroup <= descriptorBlocks && hasSuperblockCopy(superblock, group);
  };
}
