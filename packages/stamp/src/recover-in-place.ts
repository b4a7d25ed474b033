import type { StreamFormat } from "@bootstamp/segment-map";
import { explainWriteFailure } from "@bootstamp/whole-file";
import { journalPath, markPath } from "./beside-paths.ts";
import { holdFile } from "./hold-file.ts";
import type { InPlaceFiles } from "./in-place-files.ts";
import { localFiles } from "./local-files.ts";
import { isThere } from "./open-target.ts";
import { resealFromMark, type Resealing } from "./reseal-from-mark.ts";
import { undoFromJournal, type Undoing } from "./undo-from-journal.ts";

/** What there was to do: nothing, to remove traces of what had not begun, to undo a stamp, or to make checksums right. */
export type Recovery = Undoing | Resealing;

/**
 * Brings a file in order in which a change in place was cut off, if there was one: a stamp is undone, and what was
 * written into a region stays and is sealed. To be called before such a file is opened for anything.
 *
 * Looks for `.NAME.bootstamp-journal` and `.NAME.bootstamp-unsealed` beside the file; costs no more than that if there is
 * neither, else O(patch) or O(stored bytes).
 * @param formats of which the file may be.
 * @throws StampError `STAMP_IN_PLACE_BUSY`, `STAMP_JOURNAL_FOREIGN`, `STAMP_JOURNAL_VERSION`,
 * `STAMP_JOURNAL_OTHER_FILE`, `STAMP_MARK_FOREIGN`, `STAMP_MARK_VERSION`, `STAMP_MARK_OTHER_FILE`, before anything is
 * written; MapError `MAP_SEGMENT_DAMAGED`; WholeFileError; the system's errors.
 */
export async function recoverInPlace(
  path: string,
  formats: readonly StreamFormat[],
  disk: InPlaceFiles = localFiles,
): Promise<Recovery> {
  try {
    const place = disk.locate(path);
    // Without a lock, for which the directory must be writable.
    const cutOff = (await isThere(disk, journalPath(place))) || (await isThere(disk, markPath(place)));
    if (!cutOff) return "clean";
    const { files, unlock } = await holdFile(disk, place);
    try {
      const undone = await undoFromJournal(files, place);
      const resealed = await resealFromMark(files, formats, place);
      return resealed === "clean" ? undone : resealed;
    } finally {
      unlock();
    }
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
}
