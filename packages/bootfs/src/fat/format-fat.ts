/*
 * A new FAT volume: first sector as boot-record.ts has it, on FAT32 with FSInfo behind it and copies of both.
 *
 *   FSInfo:   0 "RRaA"   484 "rrAa"   488 free clusters(4)   492 where to look for the next one(4)   510 55 AA
 *
 * Microsoft, FAT32 File System Specification 1.03, "Boot Sector and BPB Structure", "FAT32 FSInfo Sector Structure".
 */
import { BootfsError } from "../bootfs-error.ts";
import { viewOf } from "../disk.ts";
import { editClock } from "../edit-clock.ts";
import { attribute, encodeFatTime, entryLength } from "./fat-entry.ts";
import { fatCount, planFat, type FatPlan, type FatShape } from "./fat-shape.ts";

export interface FatVolume extends FatShape {
  /** 1 to 11 ASCII characters without `" * + , . / : ; < = > ? [ \ ] |`; none if left out. */
  readonly label?: string;
  /** 32 bits: what `blkid` prints as the UUID. */
  readonly serial: number;
  /** The sector of the disk that the volume starts at; default 0. */
  readonly startingSector?: number;
  /** Seconds since 1970, for the label's entry. */
  readonly clock: number;
}

/** Bytes of a volume and where they go in it. */
export interface FatPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** "CD 18": asks the firmware for another disk to boot from; "F4 EB FD": halts, should it come back. */
const bootCode = Uint8Array.of(0xcd, 0x18, 0xf4, 0xeb, 0xfd);
const fixedDisk = 0xf8;
const backupSector = 6;
const infoSector = 1;
const rootCluster = 2;

/**
 * Makes an empty volume: returns what is not zero in it. All else that it covers is expected to be zero.
 * @throws BootfsError `BOOTFS_RANGE` for a length that no volume of that kind can have, or a serial or starting sector
 *   of more than 32 bits; `BOOTFS_NAME` for a label that cannot be kept.
 */
export function formatFat(volume: FatVolume): readonly FatPiece[] {
  const plan = planFat(volume);
  const label = labelField(volume.label);
  const sector = bootSector(volume, plan, label ?? labelField("NO NAME"));
  const table = tableStart(plan);
  const tables = Array.from({ length: fatCount }, (_, index) => ({
    offset: (plan.reservedSectors + index * plan.sectorsPerFat) * plan.sectorLength,
    bytes: table,
  }));
  const heads = plan.width === 32 ? wideHeads(plan, sector) : [{ offset: 0, bytes: sector }];
  const root =
    label === undefined ? [] : [{ offset: rootPlace(plan), bytes: labelEntry(label, volume.clock) }];
  return [...heads, ...tables, ...root];
}

function wideHeads(plan: FatPlan, sector: Uint8Array): FatPiece[] {
  const info = infoSectorOf(plan);
  return [0, backupSector].flatMap((at) => [
    { offset: at * plan.sectorLength, bytes: sector },
    { offset: (at + infoSector) * plan.sectorLength, bytes: info },
  ]);
}

function bootSector(volume: FatVolume, plan: FatPlan, label: Uint8Array): Uint8Array {
  const wide = plan.width === 32;
  const sector = new Uint8Array(512);
  const view = viewOf(sector);
  const codeAt = wide ? 90 : 62;
  sector.set([0xeb, codeAt - 2, 0x90]);
  sector.set(Buffer.from("BOOTSTMP"), 3);
  view.setUint16(11, plan.sectorLength, true);
  view.setUint8(13, plan.clusterLength / plan.sectorLength);
  view.setUint16(14, plan.reservedSectors, true);
  view.setUint8(16, fatCount);
  view.setUint16(17, plan.rootEntries, true);
  const isShort = !wide && plan.sectorCount < 0x1_0000;
  view.setUint16(19, isShort ? plan.sectorCount : 0, true);
  view.setUint8(21, fixedDisk);
  view.setUint16(22, wide ? 0 : plan.sectorsPerFat, true);
  // The geometry that every tool assumes where a disk has none.
  view.setUint16(24, 63, true);
  view.setUint16(26, 255, true);
  view.setUint32(28, checked32("starting sector", volume.startingSector ?? 0), true);
  view.setUint32(32, isShort ? 0 : plan.sectorCount, true);
  if (wide) {
    view.setUint32(36, plan.sectorsPerFat, true);
    view.setUint32(44, rootCluster, true);
    view.setUint16(48, infoSector, true);
    view.setUint16(50, backupSector, true);
  }
  const tailAt = wide ? 64 : 36;
  view.setUint8(tailAt, 0x80);
  view.setUint8(tailAt + 2, 0x29);
  view.setUint32(tailAt + 3, checked32("serial", volume.serial), true);
  sector.set(label, tailAt + 7);
  sector.set(Buffer.from(`FAT${plan.width}`.padEnd(8)), tailAt + 18);
  sector.set(bootCode, codeAt);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

function infoSectorOf(plan: FatPlan): Uint8Array {
  const sector = new Uint8Array(512);
  const view = viewOf(sector);
  sector.set(Buffer.from("RRaA"));
  sector.set(Buffer.from("rrAa"), 484);
  view.setUint32(488, plan.clusterCount - 1, true);
  view.setUint32(492, rootCluster, true);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

/** The first entries of a table: the kind of medium, the marks of a volume in good order, and FAT32's empty root. */
function tableStart({ width }: FatPlan): Uint8Array {
  if (width === 12) return Uint8Array.of(fixedDisk, 0xff, 0xff);
  if (width === 16) return Uint8Array.of(fixedDisk, 0xff, 0xff, 0xff);
  return Uint8Array.of(fixedDisk, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0x0f);
}

function rootPlace(plan: FatPlan): number {
  return plan.width === 32 ? plan.dataOffset : plan.rootOffset;
}

function labelEntry(label: Uint8Array, clock: number): Uint8Array {
  const entry = new Uint8Array(entryLength);
  const { date, time } = encodeFatTime(editClock("fat32", clock));
  entry.set(label);
  entry[11] = attribute.volume;
  viewOf(entry).setUint16(22, time, true);
  viewOf(entry).setUint16(24, date, true);
  return entry;
}

function labelField(label: string): Uint8Array;
function labelField(label: string | undefined): Uint8Array | undefined;
function labelField(label: string | undefined): Uint8Array | undefined {
  if (label === undefined) return undefined;
  if (!/^[!#-)\-0-9@A-Z^-{}~ ]{1,11}$/i.test(label) || label.startsWith(" ")) {
    throw new BootfsError(
      "BOOTFS_NAME",
      `${JSON.stringify(label)} can be no label of a FAT volume: expected 1 to 11 letters, digits and some marks, of ASCII`,
      { label },
    );
  }
  return Buffer.from(label.padEnd(11), "latin1");
}

function checked32(what: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new BootfsError("BOOTFS_RANGE", `the ${what} of a FAT volume is ${value}, expected 0 to 2^32 - 1`, {
    value,
  });
}
