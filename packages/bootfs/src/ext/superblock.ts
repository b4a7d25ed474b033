/*
 * The superblock of ext2, ext3 and ext4: 1024 bytes at offset 1024, little-endian (Linux, Documentation/filesystems/
 * ext4/super.rst). The fields that are used here:
 *
 *   0x00 inodes   0x04 blocks(lo)   0x0C free blocks(lo)   0x10 free inodes   0x14 first data block   0x18 log block size
 *   0x1C log cluster size   0x20 blocks per group   0x28 inodes per group   0x30 write time   0x38 magic   0x3A state
 *   0x4C revision   0x54 first inode   0x58 inode size   0x5C compat   0x60 incompat   0x64 ro_compat   0x68 UUID
 *   0x78 label   0xCE reserved GDT blocks   0xE8 last orphan   0xFE descriptor size   0x104 first meta group
 *   0x108 made   0x150 blocks(hi)   0x158 free blocks(hi)   0x24C backup groups   0x270 checksum seed   0x3FC CRC-32C
 */
import type { SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "../bootfs-error.ts";
import { readBytes, viewOf } from "../disk.ts";
import { decodeName } from "../file-name.ts";
import { rawCrc32c } from "./ext-checksum.ts";
import { roCompat, incompat } from "./ext-features.ts";

export interface Superblock {
  readonly inodeCount: number;
  readonly blockCount: number;
  readonly freeBlockCount: number;
  readonly freeInodeCount: number;
  readonly firstDataBlock: number;
  readonly blockLength: number;
  readonly clusterLength: number;
  readonly blocksPerGroup: number;
  readonly inodesPerGroup: number;
  readonly groupCount: number;
  /** Seconds since 1970 of the last write to the superblock. */
  readonly writeTime: number;
  readonly madeTime: number;
  readonly state: number;
  readonly revision: number;
  readonly inodeLength: number;
  readonly compat: number;
  readonly incompat: number;
  readonly roCompat: number;
  readonly uuid: string;
  readonly label: string;
  readonly reservedDescriptorBlocks: number;
  readonly lastOrphan: number;
  readonly descriptorLength: number;
  readonly firstMetaGroup: number;
  readonly backupGroups: readonly [number, number];
  /** Every checksum of metadata starts from it. */
  readonly checksumSeed: number;
}

const superblockOffset = 1024;
const superblockLength = 1024;
const checksumOffset = 0x3fc;

/** @throws BootfsError `BOOTFS_CORRUPT` if the checksum is wrong or the geometry is impossible. */
export function readSuperblock(source: SyncByteSource): Superblock {
  const bytes = readBytes(source, superblockOffset, superblockLength);
  const superblock = parseSuperblock(bytes);
  checkChecksum(bytes, superblock);
  checkGeometry(superblock);
  return superblock;
}

function parseSuperblock(bytes: Uint8Array): Superblock {
  const view = viewOf(bytes);
  const u16 = (at: number): number => view.getUint16(at, true);
  const u32 = (at: number): number => view.getUint32(at, true);
  const wide = (u32(0x60) & incompat.is64bit) !== 0;
  // A shift count from the disk: above 31 JavaScript wraps it around.
  const power = (at: number): number => 1024 * 2 ** Math.min(u32(at), 20);
  const blockCount = u32(0x04) + (wide ? u32(0x150) * 2 ** 32 : 0);
  const uuidBytes = bytes.slice(0x68, 0x78);
  return {
    inodeCount: u32(0x00),
    blockCount,
    freeBlockCount: u32(0x0c) + (wide ? u32(0x158) * 2 ** 32 : 0),
    freeInodeCount: u32(0x10),
    firstDataBlock: u32(0x14),
    blockLength: power(0x18),
    clusterLength: power(0x1c),
    blocksPerGroup: u32(0x20),
    inodesPerGroup: u32(0x28),
    groupCount: Math.ceil((blockCount - u32(0x14)) / Math.max(u32(0x20), 1)),
    writeTime: u32(0x30),
    madeTime: u32(0x108),
    state: u16(0x3a),
    revision: u32(0x4c),
    inodeLength: u32(0x4c) === 0 ? 128 : u16(0x58),
    compat: u32(0x5c),
    incompat: u32(0x60),
    roCompat: u32(0x64),
    uuid: formatUuid(uuidBytes),
    label: decodeName(untilNul(bytes.slice(0x78, 0x88))),
    reservedDescriptorBlocks: u16(0xce),
    lastOrphan: u32(0xe8),
    descriptorLength: wide ? u16(0xfe) : 32,
    firstMetaGroup: u32(0x104),
    backupGroups: [u32(0x24c), u32(0x250)],
    checksumSeed: (u32(0x60) & incompat.csumSeed) !== 0 ? u32(0x270) : rawCrc32c(uuidBytes, 0xffff_ffff),
  };
}

function checkChecksum(bytes: Uint8Array, superblock: Superblock): void {
  if ((superblock.roCompat & roCompat.metadataCsum) === 0) return;
  const stored = viewOf(bytes).getUint32(checksumOffset, true);
  const computed = rawCrc32c(bytes.subarray(0, checksumOffset), 0xffff_ffff);
  if (stored !== computed) {
    throw new BootfsError(
      "BOOTFS_CORRUPT",
      `the checksum of the ext superblock is wrong: got ${hex(stored)}, expected ${hex(computed)}; e2fsck -fy repairs it`,
      { got: stored, expected: computed },
    );
  }
}

/** What the arithmetic of groups and inodes relies on (e2fsprogs, lib/ext2fs/openfs.c). */
function checkGeometry(superblock: Superblock): void {
  const { blockLength, blocksPerGroup, inodesPerGroup, inodeLength, descriptorLength, groupCount } =
    superblock;
  const bitsPerBlock = blockLength * 8;
  const mostBlocks = (bitsPerBlock * superblock.clusterLength) / blockLength;
  const { firstDataBlock } = superblock;
  const complaints = [
    [blockLength > 65_536, `blocks of ${blockLength} bytes`],
    [
      firstDataBlock > 1 || (firstDataBlock === 1 && blockLength > 1024),
      `first data block ${firstDataBlock}`,
    ],
    [blocksPerGroup < 256 || blocksPerGroup > mostBlocks, `${blocksPerGroup} blocks a group`],
    [inodesPerGroup < 1 || inodesPerGroup > bitsPerBlock, `${inodesPerGroup} inodes a group`],
    [
      inodesPerGroup * groupCount !== superblock.inodeCount,
      `${superblock.inodeCount} inodes in ${groupCount} groups`,
    ],
    [
      !isPowerOfTwo(inodeLength) || inodeLength < 128 || inodeLength > blockLength,
      `inodes of ${inodeLength} bytes`,
    ],
    [
      !isPowerOfTwo(descriptorLength) || descriptorLength < 32 || descriptorLength > blockLength,
      `group descriptors of ${descriptorLength} bytes`,
    ],
    [
      superblock.blockCount > 2 ** 48 || superblock.blockCount <= superblock.firstDataBlock,
      `${superblock.blockCount} blocks`,
    ],
  ] as const;
  const found = complaints.filter(([wrong]) => wrong).map(([, complaint]) => complaint);
  if (found.length > 0) {
    throw new BootfsError("BOOTFS_CORRUPT", `the ext superblock makes no sense: ${found.join(", ")}`);
  }
}

/** Whether a group keeps a copy of the superblock and the descriptors (linux, ext4_bg_has_super). */
export function hasSuperblockCopy(superblock: Superblock, group: number): boolean {
  if (group === 0) return true;
  if ((superblock.compat & sparseSuper2) !== 0) return superblock.backupGroups.includes(group);
  if (group === 1 || (superblock.roCompat & roCompat.sparseSuper) === 0) return true;
  return [3, 5, 7].some((base) => isPowerOf(base, group));
}

const sparseSuper2 = 0x200;

function isPowerOf(base: number, value: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && Number.isInteger(Math.log2(value));
}

function formatUuid(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
