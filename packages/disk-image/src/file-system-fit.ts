import type { ByteSource } from "@bootstamp/byte-source";
import { probeFileSystem, type FileSystemProbe, type SectorLength } from "@bootstamp/layout";
import { DiskImageError } from "./disk-image-error.ts";

/** Where FAT says how many bytes its sectors have. */
const fatSectorLengthAt = 11;
/** Where ext says how many bits its blocks have more than 1024 bytes: 1024 bytes from its start. */
const extBlockSizeAt = 1024 + 24;

/**
 * Refuses a file system that cannot be mounted from a disk of such sectors: one made for sectors of 512 bytes, on a
 * disk of 4096. It would have to be made anew; to patch it is not possible.
 * @throws DiskImageError `DISK_SECTOR_LENGTH`.
 */
export async function checkFitsSectors(
  source: ByteSource,
  sectorLength: SectorLength,
  what: string,
): Promise<FileSystemProbe> {
  const probe = await probeFileSystem(source, { offset: 0, length: source.length });
  const least = await leastUnit(source, probe);
  if (least === undefined || least >= sectorLength) return probe;
  throw new DiskImageError(
    "DISK_SECTOR_LENGTH",
    `${what}: its ${probe.name} file system is kept in units of ${least} bytes, too short for a disk with sectors of ${sectorLength}; it has to be made anew for such a disk`,
    { fileSystem: probe.name, unit: least, sectorLength },
  );
}

async function leastUnit(source: ByteSource, { name }: FileSystemProbe): Promise<number | undefined> {
  if (name.startsWith("fat")) {
    const bytes = await source.read(fatSectorLengthAt, 2);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint16(0, true);
  }
  if (!/^ext[234]$/.test(name)) return undefined;
  const bytes = await source.read(extBlockSizeAt, 4);
  return 1024 * 2 ** new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
