// Feature bits of the superblock: names as in tune2fs, values from Linux, fs/ext4/ext4.h, and what we make of each.
import type { Superblock } from "./superblock.ts";

export const incompat = {
  recover: 0x4,
  is64bit: 0x80,
  metaBg: 0x10,
  csumSeed: 0x2000,
} as const;

export const roCompat = {
  sparseSuper: 0x1,
  metadataCsum: 0x400,
  orphanPresent: 0x1_0000,
} as const;

export const compat = { hasJournal: 0x4 } as const;

/** `write`: can be edited. `read`: files can be read, not edited. `no`: neither. */
type Support = "write" | "read" | "no";

interface Feature {
  readonly bit: number;
  readonly name: string;
  readonly support: Support;
}

// What libext2fs 1.44 does not know or gets wrong is `read`. The flags for a journal to replay and for orphans are
// `write` here because they have complaints of their own.
const compatFeatures: readonly Feature[] = [
  { bit: 0x1, name: "dir_prealloc", support: "write" },
  { bit: 0x2, name: "imagic_inodes", support: "read" },
  { bit: 0x4, name: "has_journal", support: "write" },
  { bit: 0x8, name: "ext_attr", support: "write" },
  { bit: 0x10, name: "resize_inode", support: "write" },
  { bit: 0x20, name: "dir_index", support: "write" },
  { bit: 0x40, name: "lazy_bg", support: "read" },
  { bit: 0x100, name: "snapshot_bitmap", support: "read" },
  { bit: 0x200, name: "sparse_super2", support: "write" },
  { bit: 0x400, name: "fast_commit", support: "write" },
  { bit: 0x800, name: "stable_inodes", support: "write" },
  { bit: 0x1000, name: "orphan_file", support: "write" },
];

const incompatFeatures: readonly Feature[] = [
  { bit: 0x1, name: "compression", support: "no" },
  { bit: 0x2, name: "filetype", support: "write" },
  { bit: 0x4, name: "needs_recovery", support: "write" },
  { bit: 0x8, name: "journal_dev", support: "no" },
  { bit: 0x10, name: "meta_bg", support: "write" },
  { bit: 0x40, name: "extent", support: "write" },
  { bit: 0x80, name: "64bit", support: "write" },
  { bit: 0x100, name: "mmp", support: "read" },
  { bit: 0x200, name: "flex_bg", support: "write" },
  { bit: 0x400, name: "ea_inode", support: "read" },
  { bit: 0x1000, name: "dirdata", support: "no" },
  { bit: 0x2000, name: "metadata_csum_seed", support: "write" },
  { bit: 0x4000, name: "large_dir", support: "write" },
  { bit: 0x8000, name: "inline_data", support: "read" },
  { bit: 0x1_0000, name: "encrypt", support: "write" },
  { bit: 0x2_0000, name: "casefold", support: "read" },
];

const roCompatFeatures: readonly Feature[] = [
  { bit: 0x1, name: "sparse_super", support: "write" },
  { bit: 0x2, name: "large_file", support: "write" },
  { bit: 0x4, name: "btree_dir", support: "read" },
  { bit: 0x8, name: "huge_file", support: "write" },
  { bit: 0x10, name: "uninit_bg", support: "write" },
  { bit: 0x20, name: "dir_nlink", support: "write" },
  { bit: 0x40, name: "extra_isize", support: "write" },
  { bit: 0x80, name: "snapshot", support: "read" },
  { bit: 0x100, name: "quota", support: "read" },
  { bit: 0x200, name: "bigalloc", support: "read" },
  { bit: 0x400, name: "metadata_csum", support: "write" },
  { bit: 0x800, name: "replica", support: "read" },
  { bit: 0x1000, name: "read-only", support: "read" },
  { bit: 0x2000, name: "project", support: "read" },
  { bit: 0x4000, name: "shared_blocks", support: "read" },
  { bit: 0x8000, name: "verity", support: "read" },
  { bit: 0x1_0000, name: "orphan_present", support: "write" },
];

/** Names of the features that stand in the way of reading. Unknown `incompat` bits forbid even that. */
export function featuresAgainstReading(superblock: Superblock): string[] {
  return named(superblock.incompat, incompatFeatures, "incompat", ["read", "write"]);
}

/** Names of the features that stand in the way of editing, unknown bits of any kind among them. */
export function featuresAgainstWriting(superblock: Superblock): string[] {
  return [
    ...named(superblock.compat, compatFeatures, "compat", ["write"]),
    ...named(superblock.incompat, incompatFeatures, "incompat", ["write"]),
    ...named(superblock.roCompat, roCompatFeatures, "ro_compat", ["write"]),
  ];
}

/** The bits that make it an ext4 for blkid: all that ext3 does not know. */
export function kindOf(superblock: Superblock): "ext2" | "ext3" | "ext4" {
  const ext3Incompat = 0x2 | 0x4 | 0x10;
  const ext3RoCompat = 0x1 | 0x2 | 0x4;
  if ((superblock.incompat & ~ext3Incompat) !== 0 || (superblock.roCompat & ~ext3RoCompat) !== 0)
    return "ext4";
  return (superblock.compat & compat.hasJournal) === 0 ? "ext2" : "ext3";
}

function named(bits: number, known: readonly Feature[], set: string, accepted: readonly Support[]): string[] {
  return Array.from({ length: 32 }, (_, index) => (1 << index) >>> 0)
    .filter((bit) => (bits & bit) !== 0)
    .map((bit) => known.find((feature) => feature.bit === bit) ?? unknownFeature(set, bit))
    .filter((feature) => !accepted.includes(feature.support))
    .map((feature) => feature.name);
}

function unknownFeature(set: string, bit: number): Feature {
  return { bit, name: `unknown ${set} feature 0x${bit.toString(16)}`, support: "no" };
}
