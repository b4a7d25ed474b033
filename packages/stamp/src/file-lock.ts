import { besideName, lockHolder, type LockHolder, type ProcessLock, takeLock } from "@bootstamp/whole-file";
import type { InPlaceLock } from "./in-place-files.ts";
import { StampError } from "./stamp-error.ts";

/**
 * Keeps the file at `path` for one caller: others that ask for it are refused, also in other containers and on other
 * machines. What a process left that has ended is taken over.
 * @throws StampError `STAMP_IN_PLACE_BUSY`.
 */
export async function lockFile(path: string): Promise<InPlaceLock> {
  const lock = await takeLock(prefixOf(path));
  if ("mark" in lock) throw busy(path, lock);
  return {
    assertHeld: () => assertHeld(path, lock),
    unlock: () => lock.unlock(),
  };
}

/** Who has the lock of the file at `path`. Looks only. */
export function fileHolder(path: string): LockHolder | undefined {
  return lockHolder(prefixOf(path));
}

/** The fault of a file that another has locked. */
export function busy(path: string, { processId, isElsewhere }: LockHolder): StampError {
  const detail = isElsewhere
    ? ` in another container or on another machine; if that was killed, ${path} is free within a minute`
    : " already";
  return new StampError(
    "STAMP_IN_PLACE_BUSY",
    `${path} is being changed in place by process ${processId}${detail}`,
    { path, processId },
  );
}

function assertHeld(path: string, lock: ProcessLock): void {
  if (!lock.isLost) return;
  throw new StampError(
    "STAMP_IN_PLACE_BUSY",
    `${path} is left to others: this process stood still for so long that its lock was taken for that of one that has ended`,
    { path },
  );
}

function prefixOf(path: string): string {
  return besideName(path, "bootstamp-lock-");
}
