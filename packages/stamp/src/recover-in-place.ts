import { explainWriteFailure } from "@bootstamp/whole-file";
import { journalPath } from "./beside-name.ts";
import type { InPlaceFiles } from "./in-place-files.ts";
import { localFiles } from "./local-files.ts";
import { type Recovery, undoFromJournal } from "./undo-from-journal.ts";

/**
 * Undoes a change in place that was cut off, if there was one. To be called before a file that may have been changed in
 * place is opened for anything: until then it may be neither the old nor the new one.
 *
 * Looks for `.NAME.bootstamp-journal` beside the file; costs no more than that if there is none.
 * @throws StampError `STAMP_IN_PLACE_BUSY`, `STAMP_JOURNAL_FOREIGN`, `STAMP_JOURNAL_VERSION`, `STAMP_JOURNAL_OTHER_FILE`,
 * before anything is written; WholeFileError; the system's errors.
 */
export async function recoverInPlace(path: string, files: InPlaceFiles = localFiles): Promise<Recovery> {
  try {
    const place = files.locate(path);
    if (!(await hasJournal(files, place))) return "clean";
    const unlock = await files.lock(place);
    try {
      return await undoFromJournal(files, place);
    } finally {
      unlock();
    }
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
}

/** Without a lock, for which the directory must be writable. */
async function hasJournal(files: InPlaceFiles, path: string): Promise<boolean> {
  const journal = await files.open(journalPath(path));
  await journal?.close();
  return journal !== undefined;
}
