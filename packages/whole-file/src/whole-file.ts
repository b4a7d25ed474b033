import {
  closeSync,
  fsync as fsyncWithCallback,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { temporaryName } from "./temporary-name.ts";
import { explainWriteFailure, WholeFileError } from "./whole-file-error.ts";

const fsync = promisify(fsyncWithCallback);

/**
 * Makes a file that appears under `path` complete or not at all, replacing what was there.
 *
 * `make` gets the name of a file beside `path` that does not exist yet, and creates and fills it. Then it is synced to
 * disk, while `check` may look at it, and renamed, and the directory is synced. If anything fails, or the process is
 * killed, `path` is as it was; a killed process leaves a `.partial` file, which {@link removeLeftovers} clears.
 *
 * @returns what `make` returned.
 * @throws WholeFileError `FILE_DISK_FULL`, `FILE_TOO_LARGE`, `FILE_NOT_WRITABLE`, `FILE_WRITE_FAILED`; what `make` or
 * `check` threw.
 */
export async function writeWholeFile<T>(
  path: string,
  make: (temporaryPath: string) => Promise<T>,
  check?: (temporaryPath: string) => Promise<void>,
): Promise<T> {
  const made = await replaceWhole(path, async (temporaryPath) => {
    const result = await make(temporaryPath);
    await both(syncPath(temporaryPath, "r+"), check?.(temporaryPath));
    return result;
  });
  try {
    await syncPath(dirname(path), "r");
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
  return made;
}

/**
 * {@link writeWholeFile} for what can be made again, and without waiting for the disk: after a power cut `path` may be
 * there with other bytes, which its reader must be able to tell.
 */
export async function writeUnsyncedFile(
  path: string,
  make: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  await replaceWhole(path, make);
}

async function replaceWhole<T>(path: string, make: (temporaryPath: string) => Promise<T>): Promise<T> {
  const temporaryPath = temporaryName(path);
  try {
    refuseSpecial(path);
    const made = await make(temporaryPath);
    renameSync(temporaryPath, path);
    return made;
  } catch (error) {
    remove(temporaryPath);
    throw explainWriteFailure(path, error);
  }
}

/** A rename would put a file in the place of the device itself: of /dev/null, for all programs. */
function refuseSpecial(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined || there.isFile() || there.isDirectory()) return;
  throw new WholeFileError("FILE_NOT_WRITABLE", `cannot write ${path}: it is a device, a pipe or a socket`, {
    path,
  });
}

/** {@link writeWholeFile} for contents that are at hand. */
export async function writeWholeText(path: string, text: string): Promise<void> {
  await writeWholeFile(path, async (temporaryPath) => writeFileSync(temporaryPath, text, { flag: "wx" }));
}

/** Only the sync itself waits for the disk; what takes microseconds would take longer in another thread. */
async function syncPath(path: string, flags: "r" | "r+"): Promise<void> {
  const descriptor = openSync(path, flags);
  try {
    await fsync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Waits for both, whatever comes of either: a file must not be removed under a check that goes on. */
async function both(one: Promise<void>, other: Promise<void> | undefined): Promise<void> {
  await Promise.allSettled([one, other]);
  await one;
  await other;
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What stopped the writing may stop the removal too, and is the better explanation.
  }
}
