import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isProcessAlive, processMark } from "@bootstamp/whole-file";
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
  throw new BuildError(
    "BUILD_LOCKED",
    `another build (process ${processOf(holder)}) is at work in ${directory}`,
    {
      directory,
      holder: holder ?? "",
    },
  );
}

/** A living process, other than `except`, that has a lock file here. Those of dead ones are removed. */
function livingHolder(directory: string, except?: string): string | undefined {
  const names = readdirSync(directory).filter((name) => name.startsWith(prefix));
  const marks = names.map((name) => name.slice(prefix.length)).filter((mark) => mark !== except);
  for (const mark of marks) {
    if (isProcessAlive(mark)) return mark;
    removeFile(join(directory, prefix + mark));
  }
  return undefined;
}

function processOf(mark = ""): string {
  return mark.split("@")[0] ?? "";
}
