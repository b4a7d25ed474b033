import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { temporaryName } from "./temporary-name.ts";
import { explainWriteFailure } from "./whole-file-error.ts";

/**
 * Makes a file that appears under `path` complete or not at all, replacing what was there.
 *
 * `make` gets the name of a file beside `path` that does not exist yet, and creates and fills it. Then it is synced to
 * disk and renamed, and the directory is synced. If anything fails, or the process is killed, `path` is as it was; a
 * killed process leaves a `.partial` file, which {@link removeLeftovers} clears.
 *
 * @returns what `make` returned.
 * @throws WholeFileError `FILE_DISK_FULL`, `FILE_NOT_WRITABLE`, `FILE_WRITE_FAILED`; what `make` threw.
 */
export async function writeWholeFile<T>(
  path: string,
  make: (temporaryPath: string) => Promise<T>,
): Promise<T> {
  const temporaryPath = temporaryName(path);
  try {
    const made = await make(temporaryPath);
    await syncPath(temporaryPath, "r+");
    await rename(temporaryPath, path);
    await syncPath(dirname(path), "r");
    return made;
  } catch (error) {
    // What stopped the writing may stop the removal too, and is the better explanation.
    await rm(temporaryPath, { force: true }).catch(() => undefined);
    throw explainWriteFailure(path, error);
  }
}

/** {@link writeWholeFile} for contents that are at hand. */
export async function writeWholeText(path: string, text: string): Promise<void> {
  await writeWholeFile(path, async (temporaryPath) => {
    const file = await open(temporaryPath, "wx");
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  });
}

async function syncPath(path: string, flags: "r" | "r+"): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
