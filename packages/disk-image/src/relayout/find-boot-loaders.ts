/*
 * Boot loaders, told by what the first 512 bytes of a disk or a partition say:
 *
 *   GRUB        as grub-sectors.ts has it
 *   LILO        "LILO" at offset 6, at 2 in old ones; reads its map, and by that the kernel, by sectors of the disk
 *   zipl        "zIPL" at offset 0 (s390-tools, struct scsi_mbr); its table names blocks of the disk
 *   SYSLINUX    "SYSLINUX" at offset 3 of a FAT, "EXTLINUX" of ext and others; reads ldlinux.sys by sectors of the
 *               partition, to which it adds the partition's place: from the MBR's code, or from offset 28 of the sector
 */
import type { ByteSource } from "@bootstamp/byte-source";
import type { PartitionTable } from "@bootstamp/layout";
import type { BootLoader } from "./boot-loader.ts";
import { grubLegacyStart, grubOf, grubRuns } from "./grub-sectors.ts";

const sectorBytes = 512;

/** Finds the boot loaders that read sectors by their numbers. Reads the first sector of the image and of each partition. */
export async function findBootLoaders(
  source: ByteSource,
  table: PartitionTable,
): Promise<readonly BootLoader[]> {
  const places = [
    { partition: undefined, offset: 0 },
    ...table.partitions.map(({ number, offset }) => ({ partition: number, offset })),
  ];
  const found: BootLoader[] = [];
  for (const { partition, offset } of places) {
    const sector = await source.read(offset, sectorBytes);
    const loader = await loaderIn(source, sector, table.sectorLength);
    if (loader !== undefined) found.push({ ...loader, partition });
  }
  return found;
}

async function loaderIn(
  source: ByteSource,
  sector: Uint8Array,
  sectorLength: number,
): Promise<Omit<BootLoader, "partition"> | undefined> {
  const grub = grubOf(sector);
  if (grub === "GRUB 2") {
    return { name: grub, reads: { from: "disk", runs: await grubRuns(source, sector, sectorLength) } };
  }
  if (grub === "GRUB Legacy") return legacyGrub(sector);
  if (textAt(sector, 6, "LILO") || textAt(sector, 2, "LILO")) return { name: "LILO", reads: anywhere };
  if (textAt(sector, 0, "zIPL")) return { name: "zipl", reads: anywhere };
  if (textAt(sector, 3, "SYSLINUX")) return { name: "SYSLINUX", reads: { from: "partition" } };
  if (textAt(sector, 3, "EXTLINUX")) return { name: "EXTLINUX", reads: { from: "partition" } };
  return undefined;
}

const anywhere: BootLoader["reads"] = { from: "disk", runs: "unknown" };

/** Right behind the MBR there is a stage1.5, which reads file systems; anywhere else there is a list of sectors. */
function legacyGrub(sector: Uint8Array): Omit<BootLoader, "partition"> {
  const isBehindMbr = grubLegacyStart(sector) === 1;
  const runs = isBehindMbr ? [{ offset: sectorBytes, length: sectorBytes }] : "unknown";
  return { name: "GRUB Legacy", reads: { from: "disk", runs } };
}

function textAt(sector: Uint8Array, offset: number, text: string): boolean {
  return Buffer.from(sector.subarray(offset, offset + text.length)).toString("latin1") === text;
}
