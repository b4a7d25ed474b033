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

/** The first thing that went wrong below FatFs, which knows no more of it than that something did. */
export interface Trouble {
  first: unknown;
}

/** The sector callbacks of FatFs over a disk. Its memory can move in any call, so its view is taken anew each time. */
export function fatfsDisk(disk: Disk, sectorLength: number, trouble: Trouble): DiskIO {
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
  return {
    initialize: () => 0,
    status: () => 0,
    read: (fatFs, _drive, buffer, sector, count) =>
      attempt(() =>
        disk.readSync(offsetOf(sector), fatFs.HEAPU8.subarray(buffer, buffer + count * sectorLength)),
      ),
    write: (fatFs, _drive, buffer, sector, count) =>
      attempt(() =>
        disk.writeSync(offsetOf(sector), fatFs.HEAPU8.subarray(buffer, buffer + count * sectorLength)),
      ),
    ioctl: (fatFs, _drive, command, buffer) => {
      if (command === GET_SECTOR_COUNT) fatFs.setValue(buffer, Math.floor(disk.length / sectorLength), "i32");
      else if (command === GET_SECTOR_SIZE) fatFs.setValue(buffer, sectorLength, "i16");
      else if (command === GET_BLOCK_SIZE) fatFs.setValue(buffer, 1, "i32");
      else if (command !== CTRL_SYNC) return RES_PARERR;
      return RES_OK;
    },
  };
}
