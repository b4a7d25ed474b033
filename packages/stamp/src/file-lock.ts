import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { besideName, fateOf, processMark } from "@bootstamp/whole-file";
import { StampError } from "./stamp-error.ts";

const attempts = 5;
const lockEnding = "bootstamp-lock-";

/**
 * Keeps the file at `path` for one caller. Each contender makes a file beside it that is named after its process, and
 * then looks for others: so no lock is ever without its holder's name, and what a dead process left is removed without
 * the risk that it was taken again in between. Of two that come at once both step back and try again after unlike
 * pauses. A lock of a process that is not to be seen, in another container or on another machine, is in force until it is
 * removed: by that process, or by hand.
 * @returns a function that gives the lock back. @throws StampError `STAMP_IN_PLACE_BUSY`.
 */
export async function lockFile(path: string): Promise<() => void> {
  const prefix = besideName(path, lockEnding);
  const own = prefix + processMark();
  const unlock = (): void => rmSync(own, { force: true });
  let holder: string | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await setTimeout(Math.random() * 40);
    // Another caller in this very process has the same mark.
    holder = livingHolder(prefix);
    if (holder !== undefined) continue;
    writeFileSync(own, "");
    holder = livingHolder(prefix, processMark());
    if (holder === undefined) return unlock;
    unlock();
  }
  throw busy(path, holder ?? "");
}

/** The mark of a process that has the lock of the file at `path`. Looks only. */
export function lockHolder(path: string): string | undefined {
  return [...marksOf(besideName(path, lockEnding))].find((mark) => fateOf(mark, dirname(path)) !== "ended");
}

/** The fault of a file whose lock the process of `mark` has. */
export function busy(path: string, mark: string): StampError {
  const processId = Number.parseInt(mark, 10);
  const lock = besideName(path, lockEnding) + mark;
  const detail =
    fateOf(mark, dirname(path)) === "unseen"
      ? `, in another container or on another machine; if that has ended, remove ${lock}`
      : " already";
  return new StampError(
    "STAMP_IN_PLACE_BUSY",
    `${path} is being changed in place by process ${processId}${detail}`,
    { path, processId, lock },
  );
}

/** The mark of a process, other than `except`, that has a lock. Locks of those that have ended are removed. */
function livingHolder(prefix: string, except?: string): string | undefined {
  for (const mark of marksOf(prefix)) {
    if (mark === except) continue;
    if (fateOf(mark, dirname(prefix)) !== "ended") return mark;
    rmSync(prefix + mark, { force: true });
  }
  return undefined;
}

/** What follows `prefix` in the names of files. */
function* marksOf(prefix: string): Generator<string> {
  const start = basename(prefix);
  for (const name of readdirSync(dirname(prefix))) {
    if (name.startsWith(start)) yield name.slice(start.length);
  }
}
