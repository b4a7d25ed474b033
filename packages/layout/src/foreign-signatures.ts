/** A file system or container that is recognised only to be named: nothing here can edit it. */
export type ForeignName =
  | "xfs"
  | "btrfs"
  | "luks1"
  | "luks2"
  | "bitlocker"
  | "ntfs"
  | "exfat"
  | "squashfs"
  | "erofs"
  | "iso9660"
  | "f2fs"
  | "swap"
  | "lvm2"
  | "zfs"
  | "linux-raid"
  | "dm-verity";

interface LabelField {
  readonly offset: number;
  readonly length: number;
  readonly encoding: "utf-8" | "utf-16le";
}

interface ForeignSignature {
  readonly name: ForeignName;
  /** Bytes from the start of the partition at which `magic` may be. */
  readonly offsets: readonly number[];
  /** As text, one byte per character. */
  readonly magic: string;
  readonly label?: LabelField;
}

/** Bytes from the start of a partition that hold every signature below. */
export const signatureAreaLength: number = 256 * 1024;

const sector = 512;
const pages: readonly number[] = [4096, 8192, 16384, 65536];

/**
 * Magic numbers in the order of the bytes on disk. Source of each row:
 * xfs: "XFS Algorithms & Data Structures", superblock. btrfs: btrfs.readthedocs.io, "On-disk format". luks: LUKS1
 * on-disk format 1.2.3; LUKS2 on-disk format 1.1.2. bitlocker, ntfs, exfat: OEM name of the boot sector (exFAT 1.00
 * §3.1.2). squashfs, erofs, f2fs: Linux, Documentation/filesystems. iso9660: ECMA-119 §8.4. swap: Linux,
 * include/linux/swap.h. lvm2: LVM2 label header, in one of the first four sectors. zfs: "ZFS On-Disk Specification"
 * §1.3.1, uberblock ring of the first vdev label. linux-raid: Linux, md_p.h, superblock versions 1.1 and 1.2.
 * dm-verity: cryptsetup wiki, "DMVerity".
 */
const foreignSignatures: readonly ForeignSignature[] = [
  { name: "xfs", offsets: [0], magic: "XFSB", label: { offset: 108, length: 12, encoding: "utf-8" } },
  {
    name: "btrfs",
    offsets: [65600],
    magic: "_BHRfS_M",
    label: { offset: 65835, length: 256, encoding: "utf-8" },
  },
  { name: "luks1", offsets: [0], magic: "LUKS\xba\xbe\0\x01" },
  {
    name: "luks2",
    offsets: [0],
    magic: "LUKS\xba\xbe\0\x02",
    label: { offset: 24, length: 48, encoding: "utf-8" },
  },
  { name: "bitlocker", offsets: [3], magic: "-FVE-FS-" },
  { name: "ntfs", offsets: [3], magic: "NTFS    " },
  { name: "exfat", offsets: [3], magic: "EXFAT   " },
  { name: "squashfs", offsets: [0], magic: "hsqs" },
  {
    name: "erofs",
    offsets: [1024],
    magic: "\xe2\xe1\xf5\xe0",
    label: { offset: 1088, length: 16, encoding: "utf-8" },
  },
  {
    name: "iso9660",
    offsets: [32769],
    magic: "CD001",
    label: { offset: 32808, length: 32, encoding: "utf-8" },
  },
  {
    name: "f2fs",
    offsets: [1024],
    magic: "\x10\x20\xf5\xf2",
    label: { offset: 1148, length: 1024, encoding: "utf-16le" },
  },
  {
    name: "swap",
    offsets: pages.map((page) => page - 10),
    magic: "SWAPSPACE2",
    label: { offset: 1052, length: 16, encoding: "utf-8" },
  },
  { name: "lvm2", offsets: [0, sector, 2 * sector, 3 * sector], magic: "LABELONE" },
  { name: "zfs", offsets: uberblockOffsets(), magic: "\x0c\xb1\xba\0\0\0\0\0" },
  { name: "linux-raid", offsets: [0, 4096], magic: "\xfc\x4e\x2b\xa9\x01\0\0\0" },
  { name: "dm-verity", offsets: [0], magic: "verity\0\0" },
];

/** A ring of 128 KiB in the second half of the first label, one uberblock per KiB at least. */
function uberblockOffsets(): number[] {
  return Array.from({ length: 128 }, (_, index) => (128 + index) * 1024);
}

export interface ForeignMatch {
  readonly name: ForeignName;
  readonly label: string;
}

/** All that `head`, the first bytes of a partition, bears the signature of. */
export function findForeignSignatures(head: Uint8Array): ForeignMatch[] {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  return foreignSignatures
    .filter(({ offsets, magic }) =>
      offsets.some((offset) => isAt(bytes, offset, Buffer.from(magic, "latin1"))),
    )
    .map(({ name, label }) => ({ name, label: label === undefined ? "" : readLabel(bytes, label) }));
}

function isAt(bytes: Buffer, offset: number, magic: Buffer): boolean {
  return bytes.subarray(offset, offset + magic.length).equals(magic);
}

function readLabel(bytes: Buffer, { offset, length, encoding }: LabelField): string {
  const text = new TextDecoder(encoding).decode(bytes.subarray(offset, offset + length));
  return text.replace(/\0.*$/s, "").trimEnd();
}
