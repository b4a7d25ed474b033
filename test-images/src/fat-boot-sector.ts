// The boot sector of a FAT volume, and FAT32's FSInfo sector (Microsoft, "FAT: General Overview" 1.03, pages 9 and 21).
import type { FatGeometry } from "./fat-geometry.ts";

const mediaFixedDisk = 0xf8;
const infoSector = 1;
const backupSector = 6;
const rootCluster = 2;

export interface FatIdentity {
  readonly label: string;
  readonly serial: number;
}

/** Encodes the reserved sectors, the backups included. `free` is what FSInfo says: the count and the next free cluster. */
export function encodeReserved(
  geometry: FatGeometry,
  identity: FatIdentity,
  free: { readonly count: number; readonly next: number },
): Buffer {
  const { sectorLength, reservedSectors, width } = geometry;
  const reserved = Buffer.alloc(reservedSectors * sectorLength);
  const boot = encodeBootSector(geometry, identity);
  boot.copy(reserved);
  if (width !== 32) return reserved;
  const info = encodeInfoSector(sectorLength, free);
  info.copy(reserved, infoSector * sectorLength);
  boot.copy(reserved, backupSector * sectorLength);
  info.copy(reserved, (backupSector + infoSector) * sectorLength);
  return reserved;
}

function encodeBootSector(geometry: FatGeometry, identity: FatIdentity): Buffer {
  const { sectorLength, length, width } = geometry;
  const sector = Buffer.alloc(sectorLength);
  const sectorCount = length / sectorLength;
  const isSmall = width !== 32 && sectorCount < 0x1_0000;
  Buffer.from([0xeb, width === 32 ? 0x58 : 0x3c, 0x90]).copy(sector); // BS_jmpBoot
  sector.write("mkfs.fat", 3, "latin1"); // BS_OEMName
  sector.writeUInt16LE(sectorLength, 11);
  sector.writeUInt8(geometry.clusterLength / sectorLength, 13);
  sector.writeUInt16LE(geometry.reservedSectors, 14);
  sector.writeUInt8(2, 16); // BPB_NumFATs
  sector.writeUInt16LE(geometry.rootEntries, 17);
  sector.writeUInt16LE(isSmall ? sectorCount : 0, 19);
  sector.writeUInt8(mediaFixedDisk, 21);
  sector.writeUInt16LE(width === 32 ? 0 : geometry.sectorsPerFat, 22);
  sector.writeUInt16LE(32, 24); // BPB_SecPerTrk
  sector.writeUInt16LE(64, 26); // BPB_NumHeads
  sector.writeUInt32LE(isSmall ? 0 : sectorCount, 32);
  if (width === 32) encodeFat32Fields(sector, geometry);
  encodeExtendedFields(sector.subarray(width === 32 ? 64 : 36), width, identity);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

function encodeFat32Fields(sector: Buffer, { sectorsPerFat }: FatGeometry): void {
  sector.writeUInt32LE(sectorsPerFat, 36);
  sector.writeUInt32LE(rootCluster, 44);
  sector.writeUInt16LE(infoSector, 48);
  sector.writeUInt16LE(backupSector, 50);
}

function encodeExtendedFields(fields: Buffer, width: number, identity: FatIdentity): void {
  fields.writeUInt8(0x80, 0); // BS_DrvNum
  fields.writeUInt8(0x29, 2); // BS_BootSig: the three fields below are there
  fields.writeUInt32LE(identity.serial, 3);
  fields.write(identity.label.padEnd(11), 7, "latin1");
  fields.write(`FAT${width}`.padEnd(8), 18, "latin1");
}

function encodeInfoSector(
  sectorLength: number,
  free: { readonly count: number; readonly next: number },
): Buffer {
  const sector = Buffer.alloc(sectorLength);
  sector.writeUInt32LE(0x4161_5252, 0); // FSI_LeadSig
  sector.writeUInt32LE(0x6141_7272, 484); // FSI_StrucSig
  sector.writeUInt32LE(free.count, 488);
  sector.writeUInt32LE(free.next, 492);
  sector.writeUInt32LE(0xaa55_0000, 508); // FSI_TrailSig
  return sector;
}
