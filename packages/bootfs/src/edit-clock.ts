import { BootfsError } from "./bootfs-error.ts";
import type { FileSystemKind } from "./file-system.ts";

/** Seconds since 1970 that a file system can keep and its writer can write. */
const ranges = {
  // i_mtime as a signed number; libext2fs writes no more bits of it.
  ext: [0, 2 ** 31 - 1],
  // 1980-01-01 00:00:00 to 2107-12-31 23:59:58.
  fat: [315_532_800, 4_354_819_198],
} as const;

/**
 * The time that all changes of an edit get. What the file system cannot keep becomes the nearest that it can.
 * @throws BootfsError `BOOTFS_RANGE` for what is no number of seconds.
 */
export function editClock(kind: FileSystemKind, wanted: number): number {
  if (!Number.isSafeInteger(wanted) || wanted < 0) {
    throw new BootfsError(
      "BOOTFS_RANGE",
      `the clock is to stand at ${wanted}: expected whole seconds since 1970`,
      {
        clock: wanted,
      },
    );
  }
  const [first, last] = kind.startsWith("fat") ? ranges.fat : ranges.ext;
  return Math.min(Math.max(wanted, first), last);
}
