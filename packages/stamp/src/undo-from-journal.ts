import { dirname } from "node:path";
import type { Overwrite } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { journalPath } from "./beside-paths.ts";
import { checkOwner } from "./check-owner.ts";
import type { InPlaceFile, InPlaceFiles } from "./in-place-files.ts";
import { type JournalHead, sectorParts } from "./journal.ts";
import { foreign, journalRecords, type JournalRecord, readJournalHead } from "./read-journal.ts";
import { StampError } from "./stamp-error.ts";

/** What there was to do: nothing, to remove the journal of a change that had not begun, or to undo a change. */
export type Undoing = "clean" | "discarded" | "undone";

/**
 * Brings the file at `path` back to what it was before a change in place that was cut off, by the journal beside it.
 * May itself be cut off at any point: the journal goes last, when the file is synced. The caller holds the lock.
 * @param own the open file that the caller itself has changed: it need not be known by its bytes.
 */
export async function undoFromJournal(
  files: InPlaceFiles,
  path: string,
  own?: InPlaceFile,
): Promise<Undoing> {
  const place = journalPath(path);
  const journal = await files.open(place);
  if (journal === undefined) return "clean";
  let recovery: Undoing;
  try {
    recovery = await undoBy({ journal, place, path }, own, files);
  } finally {
    await journal.close();
  }
  await removeJournal(files, path);
  return recovery;
}

/** A journal, where it is, and the path of the file that it is beside. */
interface OpenJournal {
  readonly journal: InPlaceFile;
  readonly place: string;
  readonly path: string;
}

async function undoBy(
  open: OpenJournal,
  own: InPlaceFile | undefined,
  files: InPlaceFiles,
): Promise<Undoing> {
  const { journal, place, path } = open;
  const file = own ?? (await files.open(path));
  if (file === undefined) throw otherFile(place, `${path} is not there any more`);
  try {
    const { owner } = journal;
    checkOwner(files, owner, file, () => foreign(place, `it belongs to user ${owner}`));
    const head = await readJournalHead(journal, place);
    if (head === undefined) return "discarded";
    // Nothing is written before all records are known to be of this file.
    if (file !== own) await checkFile(open, head, file);
    await restore(open, head, file);
    return "undone";
  } finally {
    if (file !== own) await file.close();
  }
}

/** Removes the journal for good: until then, the change would be undone. */
export async function removeJournal(files: InPlaceFiles, path: string): Promise<void> {
  await files.remove(journalPath(path));
  await files.syncDirectory(dirname(path));
}

async function checkFile(
  { journal, place, path }: OpenJournal,
  head: JournalHead,
  file: InPlaceFile,
): Promise<void> {
  if (file.length !== head.fileLength) {
    throw otherFile(place, `of one of ${head.fileLength} bytes, ${path} has ${file.length}`);
  }
  for await (const record of journalRecords(journal, place, head)) {
    checkRecord(record, await file.read(record.old.offset, record.old.bytes.length), path, place);
  }
}

async function restore({ journal, place }: OpenJournal, head: JournalHead, file: InPlaceFile): Promise<void> {
  for await (const { old } of journalRecords(journal, place, head)) {
    const now = await file.read(old.offset, old.bytes.length);
    for (const { offset, bytes } of differingRuns(old, now)) await file.write(offset, bytes);
  }
  await file.sync();
}

/** What of `old` is no longer there, in whole sectors. The others may be a hole, and the disk full: they need no room. */
function* differingRuns(old: Overwrite, now: Uint8Array): Generator<Overwrite> {
  let from = 0;
  let to = 0;
  const run = (): Overwrite => ({ offset: old.offset + from, bytes: old.bytes.subarray(from, to) });
  for (const part of sectorParts(old.offset, now)) {
    const start = part.offset - old.offset;
    const end = start + part.bytes.length;
    if (Buffer.compare(part.bytes, old.bytes.subarray(start, end)) === 0) continue;
    if (start > to || from === to) {
      if (from < to) yield run();
      from = start;
    }
    to = end;
  }
  if (from < to) yield run();
}

function checkRecord({ old, newCrcs }: JournalRecord, now: Uint8Array, path: string, place: string): void {
  for (const [index, part] of [...sectorParts(old.offset, now)].entries()) {
    const from = part.offset - old.offset;
    const before = old.bytes.subarray(from, from + part.bytes.length);
    if (Buffer.compare(part.bytes, before) === 0 || crc32.of(part.bytes) === newCrcs[index]) continue;
    throw otherFile(
      place,
      `${path} has neither the old nor the new bytes of it at offset ${part.offset}`,
      part.offset,
    );
  }
}

function otherFile(place: string, why: string, offset?: number): StampError {
  return new StampError("STAMP_JOURNAL_OTHER_FILE", `${place} is the journal of another file: ${why}`, {
    journal: place,
    ...(offset === undefined ? {} : { offset }),
  });
}
