import { BootfsError, type BootfsErrorCode } from "../bootfs-error.ts";
import { featuresAgainstReading, featuresAgainstWriting, incompat, roCompat } from "./ext-features.ts";
import type { Superblock } from "./superblock.ts";

// s_state (Linux, fs/ext4/ext4.h).
const cleanlyUnmounted = 0x1;
const errorsDetected = 0x2;
const orphansBeingRecovered = 0x4;

const mountOnce = "mount it once and unmount it, or run e2fsck -fy on it";

/**
 * Refuses what cannot be read: a part of the file system beyond the region, features that change how files are kept.
 * @throws BootfsError `BOOTFS_TRUNCATED`, `BOOTFS_FEATURE`.
 */
export function checkExtReadable(superblock: Superblock, regionLength: number): void {
  const length = superblock.blockCount * superblock.blockLength;
  if (length > regionLength) {
    throw new BootfsError(
      "BOOTFS_TRUNCATED",
      `the ext file system says it has ${length} bytes, but its region has ${regionLength}: the image is cut short, or the region is not the right one`,
      { expected: length, got: regionLength },
    );
  }
  refuseFeatures(featuresAgainstReading(superblock), "read");
}

/**
 * Refuses what must not be edited. A journal that waits to be replayed would, at the first mount, silently undo every
 * edit; a wrong state means that counters and bitmaps cannot be trusted; a feature that the writer does not know would
 * be damaged.
 * @throws BootfsError `BOOTFS_DIRTY_JOURNAL`, `BOOTFS_HAS_ERRORS`, `BOOTFS_ORPHANS`, `BOOTFS_NOT_CLEAN`,
 *   `BOOTFS_FEATURE`.
 */
export function checkExtWritable(superblock: Superblock): void {
  if ((superblock.incompat & incompat.recover) !== 0) {
    refuse(
      "BOOTFS_DIRTY_JOURNAL",
      "its journal has not been replayed (needs_recovery): an edit would be undone at the first mount",
    );
  }
  if ((superblock.state & errorsDetected) !== 0) {
    throw new BootfsError(
      "BOOTFS_HAS_ERRORS",
      "the ext file system has its error flag set: run e2fsck -fy on it",
      {
        state: superblock.state,
      },
    );
  }
  if (superblock.lastOrphan !== 0 || (superblock.roCompat & roCompat.orphanPresent) !== 0) {
    refuse("BOOTFS_ORPHANS", "it has deleted files that are still to be cleaned up (orphans)");
  }
  if ((superblock.state & cleanlyUnmounted) === 0 || (superblock.state & orphansBeingRecovered) !== 0) {
    refuse("BOOTFS_NOT_CLEAN", "it was not cleanly unmounted");
  }
  refuseFeatures(featuresAgainstWriting(superblock), "edit");
  if (superblock.blockLength > 4096 || superblock.revision === 0) {
    const what = superblock.revision === 0 ? "revision 0" : `blocks of ${superblock.blockLength} bytes`;
    throw new BootfsError(
      "BOOTFS_FEATURE",
      `cannot edit the ext file system: it has ${what}, 1 to 4 KiB and revision 1 are possible`,
    );
  }
}

function refuse(code: BootfsErrorCode, complaint: string): never {
  throw new BootfsError(code, `cannot edit the ext file system: ${complaint}; ${mountOnce}`);
}

function refuseFeatures(features: readonly string[], verb: string): void {
  if (features.length === 0) return;
  const list = features.join(", ");
  const known = features.filter((name) => !name.startsWith("unknown"));
  const cure =
    known.length === 0 ? "" : `; make it without, by mke2fs -O ${known.map((name) => `^${name}`).join(",")}`;
  throw new BootfsError(
    "BOOTFS_FEATURE",
    `cannot ${verb} the ext file system: it uses ${list}, which is not supported${cure}`,
    { features: list },
  );
}
