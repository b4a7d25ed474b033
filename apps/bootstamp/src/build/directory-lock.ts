import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fateOf, processMark } from "@bootstamp/whole-file";
import { BuildError } from "./build-error.ts";
import { removeFile } from "./remove-file.ts";

const prefix = "lock.";
const attempts = 5;

/**
 * Keeps other processes that ask for the same directory out of it, or throws `BUILD_LOCKED` while one of them is in.
 *
 * Each contender makes a file that is named after itself and then looks for others. So no lock is ever without its
 * holder's name, not even for a moment, and one that a dead process left is removed without the risk that it was
 * taken again in between. Of two that come at the same moment both step back, and try again after unlike pauses.
 * A lock of a process that is not to be seen, in another container or on another machine, is in force until it is
 * removed: by that process, or by hand.
 * @returns a function that gives the lock back.
 */
export async function lockDirectory(directory: string): Promise<() => void> {
  const mark = processMark();
  const own = join(directory, `${prefix}${mark}`);
  const unlock = (): void => removeFile(own);
  let holder: string | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await setTimeout(Math.random() * 40);
    // Two builds in this very process have the same mark.
    holder = livingHolder(directory);
    if (holder !== undefined) continue;
    writeFileSync(own, "");
    holder = livingHolder(directory, mark);
    if (holder === undefined) return unlock;
    unlock();
  }
  throw locked(directory, holder ?? "");
}

function locked(directory: string, holder: string): BuildError {
  const unseen =
    fateOf(holder, directory) === "unseen"
      ? `, in another container or on another machine; if that has ended, remove ${join(directory, prefix + holder)}`
      : "";
  const message = `another build (process ${processOf(holder)}) is at work in ${directory}${unseen}`;
  return new BuildError("BUILD_LOCKED", message, { directory, holder });
}

/** A process, other than `except`, that has a lock file here. Those of processes that have ended are removed. */
function livingHolder(directory: string, except?: string): string | undefined {
  const names = readdirSync(directory).filter((name) => name.startsWith(prefix));
  const marks = names.map((name) => name.slice(prefix.length)).filter((mark) => mark !== except);
  for (const mark of marks) {
    if (fateOf(mark, directory) !== "ended") return mark;
    removeFile(join(directory, prefix + mark));
  }
  return undefined;
}

function processOf(mark: string): string {
  return mark.split("@")[0] ?? "";
}
