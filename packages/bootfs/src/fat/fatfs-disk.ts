import {
  CTRL_SYNC,
  GET_BLOCK_SIZE,
  GET_SECTOR_COUNT,
  GET_SECTOR_SIZE,
  RES_ERROR,
  RES_OK,
  RES_PARERR,
  type DiskIO,
} from "js-fatfs";
import type { Disk } from "../disk.ts";
import type { BootRecord } from "./boot-record.ts";

/** The first thing that went wrong below FatFs, which knows no more of it than that something did. */
export interface Trouble {
  first: unknown;
}

/** FSI_Nxt_Free of the FSInfo sector (FAT32 File System Specification 1.03, "FSInfo Sector Structure"). */
const hintAt = 492;
const hintLength = 4;

/**
 * The sector callbacks of FatFs over a disk. Its memory can move in any call, so its view is taken anew each time.
 *
 * The hint where to look for free clusters stays as it is on the disk: an edit then takes the same clusters whatever was
 * edited before, as long as they are free.
 */
export function fatfsDisk(
  disk: Disk,
  { sectorLength, hintSector }: Pick<BootRecord, "sectorLength" | "hintSector">,
  trouble: Trouble,
): DiskIO {
  const attempt = (work: () => void): number => {
    try {
      work();
      return RES_OK;
    } catch (error) {
      trouble.first ??= error;
      return RES_ERROR;
    }
  };
  // Sector numbers come as signed 32-bit numbers.
  const offsetOf = (sector: number): number => (sector >>> 0) * sectorLength;
  const withOldHint = (offset: number, bytes: Uint8Array): Uint8Array => {
    const hint = hintSector * sectorLength + hintAt;
    if (hintSector === 0 || hint < offset || hint >= offset + bytes.length) return bytes;
    const changed = bytes.slice();
    disk.readSync(hint, changed.subarray(hint - offset, hint - offset + hintLength));
    return changed;
  };
  return {
    initialize: () => 0,
    status: () => 0,
    read: (fatFs, _drive, buffer, sector, count) =>
      attempt(() =>
        disk.readSync(offsetOf(sector), fatFs.HEAPU8.subarray(buffer, buffer + count * sectorLength)),
      ),
    write: (fatFs, _drive, buffer, sector, count) =>
      attempt(() => {
        const bytes = fatFs.HEAPU8.subarray(buffer, buffer + count * sectorLength);
        disk.writeSync(offsetOf(sector), withOldHint(offsetOf(sector), bytes));
      }),
    ioctl: (fatFs, _drive, command, buffer) => {
      if (command === GET_SECTOR_COUNT) fatFs.setValue(buffer, Math.floor(disk.length / sectorLength), "i32");
      else if (command === GET_SECTOR_SIZE) fatFs.setValue(buffer, sectorLength, "i16");
      else if (command === GET_BLOCK_SIZE) fatFs.setValue(buffer, 1, "i32");
      else if (command !== CTRL_SYNC) return RES_PARERR;
      return RES_OK;
    },
  };
}
