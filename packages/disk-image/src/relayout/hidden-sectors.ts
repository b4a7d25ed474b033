/*
 * The place of a partition in its own first sector: "hidden sectors", the number of the sector that it starts at. The
 * boot code of FAT, NTFS, SYSLINUX and EXTLINUX goes by it. Microsoft, FAT32 File System Specification 1.03, BPB_HiddSec.
 */
import type { FileHandle } from "node:fs/promises";
import { writeAt } from "@bootstamp/byte-source";
import type { SectorLength } from "@bootstamp/layout";
import type { PartitionMove } from "./relayout-plan.ts";

const hiddenSectorsAt = 28;
const backupSectorAt = 50;
/** What a first sector with such a field says at offset 3. */
const systems = /^(NTFS {4}|SYSLINUX|EXTLINUX)$/;

/**
 * Puts right the place that a partition has of itself, where it had it right before: in its first sector and, on FAT32,
 * in the copy of it. Other numbers, such as the 0 of mkfs.vfat, are left alone.
 */
export async function moveHiddenSectors(
  file: FileHandle,
  { from, to, fileSystem }: PartitionMove,
  sectorLength: SectorLength,
): Promise<void> {
  const sector = await readSector(file, to.offset);
  const isFat = fileSystem?.startsWith("fat") === true;
  if (!isFat && !systems.test(sector.toString("latin1", 3, 11))) return;
  const places = [to.offset];
  const backup = sector.readUInt16LE(backupSectorAt);
  const isWide = fileSystem === "fat32" && backup !== 0 && backup !== 0xffff;
  const ownSectorLength = sector.readUInt16LE(11);
  if (isWide) places.push(to.offset + backup * ownSectorLength);
  const number = Buffer.alloc(4);
  number.writeUInt32LE((to.offset / sectorLength) % 2 ** 32);
  for (const place of places) {
    const found = (await readSector(file, place)).readUInt32LE(hiddenSectorsAt);
    if (found === from.offset / sectorLength) await writeAt(file, number, place + hiddenSectorsAt);
  }
}

async function readSector(file: FileHandle, offset: number): Promise<Buffer> {
  const sector = Buffer.alloc(512);
  await file.read(sector, 0, sector.length, offset);
  return sector;
}
