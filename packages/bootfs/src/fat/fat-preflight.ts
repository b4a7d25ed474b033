import type { SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "../bootfs-error.ts";
import type { BootRecord } from "./boot-record.ts";
import { volumeMarks } from "./fat-table.ts";

const linuxDirty = 0x1;
const linuxErrors = 0x2;

/**
 * Refuses what must not be edited: a file system that was in use when it was copied, one with errors, and what the
 * writer does not know.
 * @throws BootfsError `BOOTFS_NOT_CLEAN`, `BOOTFS_HAS_ERRORS`, `BOOTFS_FEATURE`, `BOOTFS_UNSUPPORTED_FILE_SYSTEM`.
 */
export function checkFatWritable(source: SyncByteSource, record: BootRecord, diskSectorLength: number): void {
  const marks = volumeMarks(source, record);
  if (!marks.intact || (record.state & linuxErrors) !== 0) {
    throw new BootfsError(
      "BOOTFS_HAS_ERRORS",
      "the FAT file system is marked as having disk errors: run fsck.vfat -a on it",
    );
  }
  if (!marks.clean || (record.state & linuxDirty) !== 0) {
    throw new BootfsError(
      "BOOTFS_NOT_CLEAN",
      "the FAT file system was not cleanly unmounted: unmount it before it is copied, or run fsck.vfat -a on it",
    );
  }
  const foreign = foreignTrait(record);
  if (foreign !== undefined) {
    throw new BootfsError(
      "BOOTFS_FEATURE",
      `cannot edit the FAT file system: it has ${foreign}, which is not supported`,
    );
  }
  // Linux: "logical sector size too small for device".
  if (record.sectorLength < diskSectorLength) {
    throw new BootfsError(
      "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
      `the FAT file system has sectors of ${record.sectorLength} bytes, its disk of ${diskSectorLength}: it cannot be mounted there; make it with mkfs.vfat -S ${diskSectorLength}`,
      { sectorLength: record.sectorLength, diskSectorLength },
    );
  }
}

/** What the writer would not keep up, by name. */
function foreignTrait({ mirrored, version, fatCount }: BootRecord): string | undefined {
  if (!mirrored) return "FATs that do not mirror each other";
  if (version !== 0) return `version ${version} of FAT32`;
  // FatFs knows one and two.
  return fatCount > 2 ? `${fatCount} FATs` : undefined;
}
