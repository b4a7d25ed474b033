import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isProcessAlive, processMark } from "./process-mark.ts";

// .NAME.MARK-COUNT.partial: hidden, beside the final name (a rename must not cross file systems), and by the mark of
// its process a later run can tell a leftover from a file that is being written.
const pattern = /^\..+\.([\d@]+)-\d+\.partial$/s;

let count = 0;

/** A name beside `path` that no other file of this process has. Names are cut so that long ones stay legal. */
export function temporaryName(path: string): string {
  count++;
  const name = Buffer.from(basename(path)).subarray(0, 200).toString("utf8").replaceAll("\uFFFD", "");
  return join(dirname(path), `.${name}.${processMark()}-${count}.partial`);
}

/** Removes what killed runs left in `directory`; files of running processes stay. Returns the names removed. */
export function removeLeftovers(directory: string): string[] {
  const leftovers = readdirSync(directory).filter((name) => {
    const mark = pattern.exec(name)?.[1];
    return mark !== undefined && !isProcessAlive(mark);
  });
  for (const name of leftovers) rmSync(join(directory, name), { force: true });
  return leftovers;
}
