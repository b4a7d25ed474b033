/*
 * The first sector of FAT12, FAT16 and FAT32, little-endian (Microsoft, FAT32 File System Specification 1.03; ECMA-107).
 *
 *   11 bytes per sector(2)   13 sectors per cluster   14 reserved sectors(2)   16 FATs   17 root entries(2)
 *   19 sectors(2)   22 sectors per FAT(2)   32 sectors(4)
 *   FAT12 and FAT16:  37 state   38 signature 29   39 serial(4)   43 label(11)
 *   FAT32:  36 sectors per FAT(4)   40 flags(2)   42 version(2)   44 root cluster(4)   48 FSInfo sector(2)
 *           65 state   66 signature 29   67 serial(4)   71 label(11)
 *   510 55 AA
 */
import type { SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "../bootfs-error.ts";
import { readBytes, viewOf } from "../disk.ts";

export interface BootRecord {
  readonly kind: "fat12" | "fat16" | "fat32";
  readonly sectorLength: number;
  readonly clusterLength: number;
  readonly clusterCount: number;
  /** Of the sector with the hint where free clusters are; 0: there is none. */
  readonly hintSector: number;
  readonly fatCount: number;
  /** Offsets from the start of the file system, in bytes. */
  readonly fatOffset: number;
  readonly fatLength: number;
  readonly rootOffset: number;
  /** 0 on FAT32, whose root is a chain of clusters. */
  readonly rootLength: number;
  readonly rootCluster: number;
  readonly dataOffset: number;
  readonly length: number;
  readonly serial: number;
  readonly label: Uint8Array;
  /** Linux keeps its own mark here while the file system is mounted: bit 0. */
  readonly state: number;
  readonly mirrored: boolean;
  readonly version: number;
}

/** @throws BootfsError `BOOTFS_CORRUPT`, `BOOTFS_UNSUPPORTED_FILE_SYSTEM`. */
export function readBootRecord(source: SyncByteSource): BootRecord {
  const view = viewOf(readBytes(source, 0, 512));
  const u16 = (at: number): number => view.getUint16(at, true);
  const u32 = (at: number): number => view.getUint32(at, true);
  const sectorLength = u16(11);
  const sectorCount = u16(19) || u32(32);
  const wide = u16(22) === 0;
  const fatSectors = u16(22) || u32(36);
  const rootSectors = Math.ceil((u16(17) * 32) / sectorLength);
  const rootSector = u16(14) + view.getUint8(16) * fatSectors;
  const clusterSectors = view.getUint8(13);
  const clusterCount = Math.floor((sectorCount - rootSector - rootSectors) / clusterSectors);
  const record: BootRecord = {
    kind: kindOf(clusterCount, wide),
    sectorLength,
    clusterLength: clusterSectors * sectorLength,
    clusterCount,
    hintSector: wide ? u16(48) : 0,
    fatCount: view.getUint8(16),
    fatOffset: u16(14) * sectorLength,
    fatLength: fatSectors * sectorLength,
    rootOffset: rootSector * sectorLength,
    rootLength: wide ? 0 : rootSectors * sectorLength,
    rootCluster: wide ? u32(44) : 0,
    dataOffset: (rootSector + rootSectors) * sectorLength,
    length: sectorCount * sectorLength,
    serial: u32(wide ? 67 : 39),
    label: readBytes(source, wide ? 71 : 43, 11),
    state: view.getUint8(wide ? 65 : 37),
    mirrored: !wide || (u16(40) & 0x80) === 0,
    version: wide ? u16(42) : 0,
  };
  checkGeometry(record);
  return record;
}

/** The count of clusters decides (specification, "FAT Type Determination"), but the layout of the record does for Linux. */
function kindOf(clusterCount: number, wide: boolean): BootRecord["kind"] {
  if (wide) return "fat32";
  return clusterCount < 4085 ? "fat12" : "fat16";
}

function checkGeometry(record: BootRecord): void {
  const { kind, clusterCount, fatLength } = record;
  const entryBits = { fat12: 12, fat16: 16, fat32: 32 }[kind];
  if (clusterCount < 1 || (clusterCount + 2) * entryBits > fatLength * 8) {
    throw corrupt(`its ${fatLength} bytes of FAT are too few for ${clusterCount} clusters`);
  }
  if (kind !== "fat32" && record.rootLength === 0) throw corrupt("its root directory has no room");
  if (kind !== "fat32" && clusterCount >= 65_525)
    throw corrupt(`it is laid out as FAT16 but has ${clusterCount} clusters`);
  if (kind === "fat32" && clusterCount < 65_525) {
    throw new BootfsError(
      "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
      `the FAT file system is laid out as FAT32 but has only ${clusterCount} clusters, 65525 at least make a FAT32: systems disagree on what it is; make it anew with smaller clusters (mkfs.vfat -s 1) or as FAT16 (-F 16)`,
      { clusterCount },
    );
  }
  if (kind === "fat32" && (record.rootCluster < 2 || record.rootCluster >= clusterCount + 2)) {
    throw corrupt(`its root directory is at cluster ${record.rootCluster} of ${clusterCount}`);
  }
}

function corrupt(complaint: string): BootfsError {
  return new BootfsError("BOOTFS_CORRUPT", `the FAT file system makes no sense: ${complaint}`);
}
