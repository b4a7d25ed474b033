import { MemorySource } from "@bootstamp/byte-source";
import { probeFileSystem, type FileSystemProbe } from "@bootstamp/layout";
import { expect, test } from "vitest";
import { extSuperblock, fatBootSector } from "./file-system-images.ts";

async function probe(image: Buffer): Promise<FileSystemProbe> {
  return await probeFileSystem(new MemorySource(image), { offset: 0, length: image.length });
}

test.each([
  ["xfs", 0, "XFSB"],
  ["btrfs", 65600, "_BHRfS_M"],
  ["luks1", 0, "LUKS\xba\xbe\0\x01"],
  ["luks2", 0, "LUKS\xba\xbe\0\x02"],
  ["bitlocker", 3, "-FVE-FS-"],
  ["ntfs", 3, "NTFS    "],
  ["exfat", 3, "EXFAT   "],
  ["squashfs", 0, "hsqs"],
  ["erofs", 1024, "\xe2\xe1\xf5\xe0"],
  ["iso9660", 32769, "CD001"],
  ["f2fs", 1024, "\x10\x20\xf5\xf2"],
  ["swap", 4086, "SWAPSPACE2"],
  ["swap", 65526, "SWAPSPACE2"],
  ["lvm2", 512, "LABELONE"],
  ["zfs", 131072 + 5 * 1024, "\x0c\xb1\xba\0\0\0\0\0"],
  ["linux-raid", 4096, "\xfc\x4e\x2b\xa9\x01\0\0\0"],
  ["dm-verity", 0, "verity\0\0"],
] as const)("%s is named by its signature at byte %i", async (name, offset, magic) => {
  const image = Buffer.alloc(300_000);
  image.write(magic, offset, "latin1");
  expect(await probe(image)).toMatchObject({ name, editable: false, label: "" });
});

test("nothing, too little, and noise are unknown", async () => {
  expect(await probe(Buffer.alloc(0))).toMatchObject({ name: "unknown", editable: false });
  expect(await probe(Buffer.alloc(1500, 0xff))).toMatchObject({ name: "unknown" });
  expect(await probe(extSuperblock().subarray(0, 2047))).toMatchObject({ name: "unknown" });
});

test("two signatures are a conflict: neither is trusted", async () => {
  const image = fatBootSector();
  extSuperblock().copy(image, 1024, 1024, 2048);
  expect(await probe(image)).toMatchObject({
    name: "conflict",
    editable: false,
    candidates: ["fat12", "ext2"],
  });
});

// Microsoft FAT 1.03, "FAT Type Determination"; 4 sectors are boot sector, FATs and root directory.
test.each([
  [4084, "fat12"],
  [4085, "fat16"],
  [65_524, "fat16"],
] as const)("%i clusters are %s", async (clusterCount, name) => {
  const image = fatBootSector({ length: (4 + clusterCount) * 512 });
  expect(await probe(image)).toMatchObject({ name, clusterCount });
});

test("65525 clusters with a FAT of 16 bits are neither", async () => {
  expect(await probe(fatBootSector({ length: (4 + 65_525) * 512 }))).toMatchObject({ name: "unknown" });
});

const notFat: readonly (readonly [string, number, number])[] = [
  ["no jump", 0, 0x00],
  ["a sector of 513 bytes", 11, 0x01],
  ["clusters of 3 sectors", 13, 3],
  ["clusters of 0 sectors", 13, 0],
  ["no reserved sector", 14, 0],
  ["no FAT", 16, 0],
  ["no root directory", 17, 0],
  ["an odd medium", 21, 0x12],
  ["more FAT than disk", 23, 0xff],
  ["no 55 AA", 511, 0],
];

test.each(notFat)("a boot sector with %s is not FAT", async (_what, offset, value) => {
  const image = fatBootSector();
  image.writeUInt8(value, offset);
  expect(await probe(image)).toMatchObject({ name: "unknown" });
});

/** The root directory of {@link fatBootSector}: after the boot sector and two FATs of one sector. */
const rootOffset = 3 * 512;

function rootEntry(image: Buffer, slot: number, name: string, attributes: number): void {
  image.write(name.padEnd(11), rootOffset + 32 * slot, "latin1");
  image.writeUInt8(attributes, rootOffset + 32 * slot + 11);
}

test("the label in the root directory goes before the one in the boot sector", async () => {
  const image = fatBootSector({ label: "OLD" });
  expect(await probe(image)).toMatchObject({ name: "fat12", label: "OLD", id: "1A2B-3C4D", length: 65536 });
  rootEntry(image, 0, "\xe5ONE", 0x08);
  rootEntry(image, 1, "Along", 0x0f);
  rootEntry(image, 2, "DIR", 0x18);
  rootEntry(image, 3, "FILE", 0x20);
  rootEntry(image, 4, "bootfs", 0x08);
  expect(await probe(image)).toMatchObject({ label: "bootfs" });
  rootEntry(image, 2, "\0", 0);
  expect(await probe(image)).toMatchObject({ label: "OLD" });
});

test("a FAT label above ASCII is not guessed at", async () => {
  expect(await probe(fatBootSector({ label: "B\x99OT" }))).toMatchObject({ label: "B\ufffdOT" });
});

function fat32Image(clusterCount: number): Buffer {
  const image = fatBootSector({ length: (32 + 2 * 520 + clusterCount) * 512 });
  image.writeUInt16LE(32, 14);
  image.writeUInt16LE(0, 17);
  image.writeUInt16LE(0, 19);
  image.writeUInt16LE(0, 22);
  image.writeUInt32LE(image.length / 512, 32);
  image.writeUInt32LE(520, 36);
  image.writeUInt32LE(2, 44);
  return image;
}

test("a FAT32 label is found along the root directory's clusters, whose chain may be a loop", async () => {
  const image = fat32Image(1000);
  const dataOffset = (32 + 2 * 520) * 512;
  const link = (cluster: number, next: number): number => image.writeUInt32LE(next, 32 * 512 + 4 * cluster);
  for (const cluster of [2, 7]) {
    for (let slot = 0; slot < 16; slot++) image.write("FILE", dataOffset + (cluster - 2) * 512 + 32 * slot);
  }
  link(2, 0xf000_0007);
  link(7, 2);
  expect(await probe(image)).toMatchObject({ name: "fat32", label: "", clusterCount: 1000 });
  link(7, 9);
  image.write("boot       \x08", dataOffset + 7 * 512, "latin1");
  expect(await probe(image)).toMatchObject({ label: "boot" });
  link(7, 0x0fff_ffff);
  expect(await probe(image)).toMatchObject({ label: "" });
});

test("an ext superblock with blocks of 2 GiB is none", async () => {
  const image = extSuperblock();
  image.writeUInt32LE(21, 1024 + 24);
  expect(await probe(image)).toMatchObject({ name: "unknown" });
});

test("an ext file system of 2^64 blocks has no length to tell", async () => {
  const image = extSuperblock();
  image.writeUInt32LE(0x80, 1024 + 96);
  image.writeUInt32LE(0xffff_ffff, 1024 + 336);
  expect(await probe(image)).toMatchObject({ name: "ext4", length: undefined });
});
