import { besideName } from "@bootstamp/whole-file";

/** Where the journal of the file at `path` is. */
export function journalPath(path: string): string {
  return besideName(path, "bootstamp-journal");
}

/** Where the mark is that the checksums of the file at `path` may not be those of its bytes. */
export function markPath(path: string): string {
  return besideName(path, "bootstamp-unsealed");
}
