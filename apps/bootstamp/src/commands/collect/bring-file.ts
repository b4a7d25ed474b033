import { constants, renameSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { writeWholeFile } from "@bootstamp/whole-file";
import { removeFile } from "../../build/remove-file.ts";

/**
 * Puts the file `source` at `path`, whole or not at all, replacing what is there: as a copy that shares its blocks
 * where the file system can, or, to `move`, by renaming it where both are on one file system.
 * @throws WholeFileError; the system's error where `source` cannot be read.
 */
export async function bringFile(source: string, path: string, move: boolean): Promise<void> {
  if (move && renamed(source, path)) return;
  await writeWholeFile(path, async (temporaryPath) => {
    await copyFile(source, temporaryPath, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  });
  if (move) removeFile(source);
}

/** False across file systems, and where anything else forbids it: then copying does it, or says why not. */
function renamed(source: string, path: string): boolean {
  try {
    renameSync(source, path);
    return true;
  } catch {
    return false;
  }
}
