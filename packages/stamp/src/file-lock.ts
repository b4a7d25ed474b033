import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isProcessAlive, processMark } from "@bootstamp/whole-file";
import { besideName } from "./beside-name.ts";
import { StampError } from "./stamp-error.ts";

const attempts = 5;

/**
 * Keeps the file at `path` for one caller. Each contender makes a file beside it that is named after its process, and
 * then looks for others: so no lock is ever without its holder's name, and what a dead process left is removed without
 * the risk that it was taken again in between. Of two that come at once both step back and try again after unlike
 * pauses. Does not know of processes on other machines.
 * @returns a function that gives the lock back. @throws StampError `STAMP_IN_PLACE_BUSY`.
 */
export async function lockFile(path: string): Promise<() => void> {
  const prefix = besideName(path, "bootstamp-lock-");
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
  const processId = Number.parseInt(holder ?? "", 10);
  throw new StampError(
    "STAMP_IN_PLACE_BUSY",
    `${path} is being changed in place by process ${processId} already`,
    { path, processId },
  );
}

/** The mark of a living process, other than `except`, that has a lock. Locks of dead ones are removed. */
function livingHolder(prefix: string, except?: string): string | undefined {
  const directory = dirname(prefix);
  const start = basename(prefix);
  for (const name of readdirSync(directory)) {
    const mark = name.slice(start.length);
    if (!name.startsWith(start) || mark === except) continue;
    if (isProcessAlive(mark)) return mark;
    rmSync(join(directory, name), { force: true });
  }
  return undefined;
}
