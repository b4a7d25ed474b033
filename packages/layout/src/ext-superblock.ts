/**
 * The superblock of ext2, ext3 and ext4, at byte 1024 of the file system. Linux, Documentation/filesystems/ext4/
 * super.rst; numbers are little-endian. The fields that tell what it is:
 *
 *      4  s_blocks_count_lo    4      92  s_feature_compat      4
 *     24  s_log_block_size     4      96  s_feature_incompat    4
 *     56  s_magic, 0xEF53      2     100  s_feature_ro_compat   4
 *     76  s_rev_level          4     104  s_uuid               16
 *                                    120  s_volume_name        16
 *                                    336  s_blocks_count_hi     4
 */

export interface ExtSuperblock {
  readonly kind: "ext2" | "ext3" | "ext4" | "ext-journal";
  readonly label: string;
  /** In lower case. */
  readonly uuid: string;
  readonly blockLength: number;
  /** Bytes of the whole file system; undefined above 2^53. */
  readonly length: number | undefined;
}

export const extSuperblockOffset = 1024;
export const extSuperblockLength = 1024;
const extMagic = 0xef53;
/** 64 KiB blocks: EXT4_MAX_BLOCK_LOG_SIZE less its base of 10. */
const maximumLogBlockSize = 6;

const compatHasJournal = 0x4;
const incompatFiletype = 0x2;
const incompatRecover = 0x4;
const incompatJournalDevice = 0x8;
const incompatMetaGroups = 0x10;
const incompat64Bit = 0x80;
const roCompatSparseSuper = 0x1;
const roCompatLargeFile = 0x2;
const roCompatBtreeDirectories = 0x4;

/** What ext2 and ext3 drivers know; a superblock with any other feature is ext4's. */
const oldIncompat = incompatFiletype | incompatRecover | incompatMetaGroups;
const oldRoCompat = roCompatSparseSuper | roCompatLargeFile | roCompatBtreeDirectories;

/** Parses the 1024 bytes of a superblock; undefined if it is none. */
export function parseExtSuperblock(bytes: Uint8Array): ExtSuperblock | undefined {
  if (bytes.length < extSuperblockLength) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const logBlockSize = view.getUint32(24, true);
  if (view.getUint16(56, true) !== extMagic || logBlockSize > maximumLogBlockSize) return undefined;
  const incompat = view.getUint32(96, true);
  const blockLength = 1024 << logBlockSize;
  const high = (incompat & incompat64Bit) === 0 ? 0 : view.getUint32(336, true);
  const length = (high * 2 ** 32 + view.getUint32(4, true)) * blockLength;
  return {
    kind: kindOf(view.getUint32(92, true), incompat, view.getUint32(100, true)),
    label: new TextDecoder().decode(bytes.subarray(120, 136)).replace(/\0.*$/s, ""),
    uuid: formatUuid(bytes.subarray(104, 120)),
    blockLength,
    length: Number.isSafeInteger(length) ? length : undefined,
  };
}

function kindOf(compat: number, incompat: number, roCompat: number): ExtSuperblock["kind"] {
  if ((incompat & incompatJournalDevice) !== 0) return "ext-journal";
  if ((incompat & ~oldIncompat) !== 0 || (roCompat & ~oldRoCompat) !== 0) return "ext4";
  return (compat & compatHasJournal) === 0 ? "ext2" : "ext3";
}

function formatUuid(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
