import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { besideName } from "./beside-name.ts";
import { fateOf, processMark } from "./process-mark.ts";

// .NAME.MARK-COUNT.partial: hidden, beside the final name (a rename must not cross file systems), and by the mark of
// its process a later run can tell a leftover from a file that is being written.
const pattern = /^\..+\.([\da-f@]+)-\d+\.partial$/s;

let count = 0;

/** A name beside `path` that no other file has. */
export function temporaryName(path: string): string {
  count++;
  return besideName(path, `${processMark()}-${count}.partial`);
}

/** Removes what killed runs left in `directory`; files of processes that run, or may, stay. Returns the names removed. */
export function removeLeftovers(directory: string): string[] {
  const leftovers = readdirSync(directory).filter((name) => {
    const mark = pattern.exec(name)?.[1];
    return mark !== undefined && fateOf(mark, directory) === "ended";
  });
  for (const name of leftovers) rmSync(join(directory, name), { force: true });
  return leftovers;
}
