// Just enough of each file system to be recognised; real ones are made by mkfs in the witness tests.

/** An image of 64 KiB with a FAT12 boot sector, or other values in its fields. */
export function fatBootSector(
  fields: { length?: number; label?: string; clusterSectors?: number } = {},
): Buffer {
  const image = Buffer.alloc(fields.length ?? 65536);
  image.set([0xeb, 0x3c, 0x90]);
  image.writeUInt16LE(512, 11);
  image.writeUInt8(fields.clusterSectors ?? 1, 13);
  image.writeUInt16LE(1, 14);
  image.writeUInt8(2, 16);
  image.writeUInt16LE(16, 17);
  const sectors = image.length / 512;
  image.writeUInt16LE(sectors < 65_536 ? sectors : 0, 19);
  image.writeUInt32LE(sectors < 65_536 ? 0 : sectors, 32);
  image.writeUInt8(0xf8, 21);
  image.writeUInt16LE(1, 22);
  image.writeUInt8(0x29, 38);
  image.writeUInt32LE(0x1a2b3c4d, 39);
  image.write((fields.label ?? "NO NAME").padEnd(11), 43, "latin1");
  image.writeUInt16BE(0x55aa, 510);
  return image;
}

/** An image of 64 KiB with the superblock of an ext2 of 64 blocks. */
export function extSuperblock(): Buffer {
  const image = Buffer.alloc(65536);
  image.writeUInt32LE(64, 1024 + 4);
  image.writeUInt16LE(0xef53, 1024 + 56);
  image.write("stale", 1024 + 120);
  return image;
}
