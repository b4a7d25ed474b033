import { join } from "node:path";
import { type LockHolder, type ProcessLock, takeLock } from "@bootstamp/whole-file";
import { ProgramError } from "../program-error.ts";

/** The lock of a directory, which this process has. */
export interface DirectoryLock {
  readonly isLost: boolean;
  /** @throws ProgramError `BUILD_LOCKED` if the lock was given to another: to one that stood still it happens. */
  assertHeld(): void;
  /** Gives the lock back. @throws WholeFileError. */
  unlock(): void;
}

/**
 * Keeps other builds that ask for the same directory out of it, also those in other containers and on other machines.
 * What a build left that has ended is taken over.
 * @throws ProgramError `BUILD_LOCKED`.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const lock = await takeLock(join(directory, "lock."));
  if ("mark" in lock) throw locked(directory, lock);
  return {
    get isLost() {
      return lock.isLost;
    },
    assertHeld: () => assertHeld(directory, lock),
    unlock: () => lock.unlock(),
  };
}

function locked(directory: string, { mark, processId, isElsewhere }: LockHolder): ProgramError {
  const detail = isElsewhere
    ? ", in another container or on another machine; if it was killed, the directory is free within a minute"
    : "";
  const message = `another build (process ${processId}) is at work in ${directory}${detail}`;
  return new ProgramError("BUILD_LOCKED", message, { directory, holder: mark });
}

function assertHeld(directory: string, lock: ProcessLock): void {
  if (!lock.isLost) return;
  const message = `${directory} is left to others: this build stood still for so long that its lock was taken for that of one that has ended`;
  throw new ProgramError("BUILD_LOCKED", message, { directory });
}
