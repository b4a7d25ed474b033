import { journalPath, markPath } from "./beside-paths.ts";
import type { InPlaceFile, InPlaceFiles } from "./in-place-files.ts";
import { StampError } from "./stamp-error.ts";

/**
 * Opens the file that is about to be changed in place. The caller holds the lock, and has undone what a journal says.
 * @throws StampError `STAMP_IN_PLACE_LINKED`, `STAMP_IN_PLACE_CUT_OFF`.
 */
export async function openTarget(files: InPlaceFiles, path: string): Promise<InPlaceFile> {
  for (const trace of [journalPath(path), markPath(path)]) {
    if (await isThere(files, trace)) throw cutOff(path, trace);
  }
  const file = await files.open(path);
  if (file === undefined) throw new Error(`internal error: ${path} is gone`);
  if (file.links === 1) return file;
  await file.close();
  throw new StampError(
    "STAMP_IN_PLACE_LINKED",
    `${path} has ${file.links} names: a change in place would change the file under all of them`,
    { path, links: file.links },
  );
}

/** Whether something is at `path`. Needs no lock. */
export async function isThere(files: InPlaceFiles, path: string): Promise<boolean> {
  const file = await files.open(path);
  await file?.close();
  return file !== undefined;
}

/** The fault of a file beside which a trace of a change says that it was not brought to its end. */
export function cutOff(path: string, trace: string): StampError {
  return new StampError(
    "STAMP_IN_PLACE_CUT_OFF",
    `${path} was being changed in place when that was cut off, as ${trace} tells: its checksums may be wrong`,
    { path, trace },
  );
}
