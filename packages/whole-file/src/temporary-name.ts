import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
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

/**
 * Removes what killed runs left in `directory`; files of running processes stay. Of a process in another container or on
 * another machine goes what it has not written to for an hour. Returns the names removed.
 */
export function removeLeftovers(directory: string): string[] {
  const isLeft = { runs: () => false, ended: () => true, elsewhere: abandonedIn(directory) };
  const leftovers = readdirSync(directory).filter((name) => {
    const mark = pattern.exec(name)?.[1];
    return mark !== undefined && isLeft[fateOf(mark)](name);
  });
  for (const name of leftovers) rmSync(join(directory, name), { force: true });
  return leftovers;
}

const anHour = 3_600_000;

/** Whether a file in `directory` was not written to for an hour, by the clock of its file system. */
function abandonedIn(directory: string): (name: string) => boolean {
  let now: number | undefined;
  return (name) => {
    const stats = statSync(join(directory, name), { throwIfNoEntry: false });
    if (stats === undefined) return false;
    return Math.abs((now ??= clockOf(directory)) - stats.mtimeMs) >= anHour;
  };
}

/** The time, in milliseconds, by the clock that dates files in `directory`. */
function clockOf(directory: string): number {
  const path = temporaryName(join(directory, "clock"));
  try {
    writeFileSync(path, "", { flag: "wx" });
    return statSync(path).mtimeMs;
  } finally {
    rmSync(path, { force: true });
  }
}
