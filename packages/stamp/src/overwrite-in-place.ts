// The order of things when a file is changed in place, and why a crash at any point does no harm.
//
//   1  the journal is written, synced, and so is its directory    crash: the journal is torn, and is removed; or whole,
//                                                                 and undoes nothing
//   2  the new bytes are written, and the file is synced          crash: the journal is whole, and undoes them
//   3  the file is read back                                      the same
//   4  the journal is removed, and its directory synced           crash: the file is the new one; or the journal is
//                                                                 still there, and undoes it: then nobody was told yet
//                                                                 that it is done
//
// Undoing writes old bytes, syncs the file, and only then removes the journal: cut off, it is begun again.
import { dirname } from "node:path";
import type { ByteSource, Overwrite } from "@bootstamp/byte-source";
import { journalPath } from "./beside-paths.ts";
import { holdFile } from "./hold-file.ts";
import type { InPlaceFile, InPlaceFiles } from "./in-place-files.ts";
import { writeJournal } from "./journal.ts";
import { openTarget } from "./open-target.ts";
import { StampError } from "./stamp-error.ts";
import { removeJournal, undoFromJournal } from "./undo-from-journal.ts";

/** A change that was worked out and not yet made. */
export interface PlannedChange<T> {
  /** In ascending order, apart, and inside the file. */
  readonly overwrites: readonly Overwrite[];
  /** What to return when it is made. */
  readonly outcome: T;
  /** Reads the changed file back. What it throws undoes the change. */
  readonly check: (file: ByteSource) => Promise<void>;
}

/**
 * Changes a file in place so that it is either as it was or changed as a whole, whatever happens on the way. Undoes what
 * an earlier run left first. `plan` gets the file as it is then.
 * @throws StampError `STAMP_IN_PLACE_BUSY`, `STAMP_IN_PLACE_LINKED`, `STAMP_IN_PLACE_CUT_OFF`,
 * `STAMP_IN_PLACE_NOT_UNDONE`, `STAMP_JOURNAL_*`; what `plan` and `check` throw; the system's errors; the signal's
 * reason. After any but `STAMP_IN_PLACE_NOT_UNDONE`, `STAMP_JOURNAL_*` and `STAMP_IN_PLACE_BUSY`, where another has the
 * file, it is as it was; or changed as a whole, if all that failed was the last sync of all.
 */
export async function overwriteInPlace<T>(
  disk: InPlaceFiles,
  givenPath: string,
  plan: (file: ByteSource) => Promise<PlannedChange<T>>,
  signal?: AbortSignal,
): Promise<T> {
  const path = disk.locate(givenPath);
  const { files, unlock } = await holdFile(disk, path);
  try {
    await undoFromJournal(files, path);
    const file = await openTarget(files, path);
    try {
      const change = await plan(file);
      signal?.throwIfAborted();
      // An empty change needs no journal, nor its four syncs.
      if (change.overwrites.length > 0) await makeChange(files, path, file, change, signal);
      return change.outcome;
    } finally {
      await file.close();
    }
  } finally {
    unlock();
  }
}

async function makeChange<T>(
  files: InPlaceFiles,
  path: string,
  file: InPlaceFile,
  { overwrites, check }: PlannedChange<T>,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await keepJournal(files, path, file, overwrites);
    for (const { offset, bytes } of overwrites) {
      signal?.throwIfAborted();
      await file.write(offset, bytes);
    }
    await file.sync();
    await check(file);
    signal?.throwIfAborted();
    await removeJournal(files, path);
  } catch (error) {
    await undoAfter(error, files, path, file);
    throw error;
  }
}

async function keepJournal(
  files: InPlaceFiles,
  path: string,
  file: InPlaceFile,
  overwrites: readonly Overwrite[],
): Promise<void> {
  const journal = await files.create(journalPath(path));
  try {
    await writeJournal(journal, file, overwrites);
    await journal.sync();
  } finally {
    await journal.close();
  }
  await files.syncDirectory(dirname(path));
}

async function undoAfter(
  error: unknown,
  files: InPlaceFiles,
  path: string,
  file: InPlaceFile,
): Promise<void> {
  try {
    await undoFromJournal(files, path, file);
  } catch (second) {
    // Whoever has the lock now brings the file back.
    if (second instanceof StampError && second.code === "STAMP_IN_PLACE_BUSY") throw second;
    const journal = journalPath(path);
    throw new StampError(
      "STAMP_IN_PLACE_NOT_UNDONE",
      `${path} could not be changed (${messageOf(error)}), nor brought back (${messageOf(second)}): ${journal} is needed for that`,
      { path, journal },
      { cause: error },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
