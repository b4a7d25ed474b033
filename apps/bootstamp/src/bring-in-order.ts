import { recoverInPlace, type Recovery } from "@bootstamp/stamp";
import { aboutFile } from "./about-file.ts";
import { formats } from "./formats.ts";
import type { Reporter } from "./report/reporter.ts";

const outcomes: Readonly<Record<Exclude<Recovery, "clean">, string>> = {
  discarded: "a change that was cut off had not begun",
  undone: "a stamp that was cut off is undone",
  resealed: "what was written is kept, its checksums are right again",
};

/** Brings a file in order in which a change in place was cut off, and tells what there was to do, if anything. */
export async function bringInOrder(path: string, reporter: Reporter): Promise<Recovery> {
  const outcome = await aboutFile(path, async () => await recoverInPlace(path, formats));
  if (outcome !== "clean")
    reporter.tell({ event: "repaired", path, outcome }, [`repaired  ${path}: ${outcomes[outcome]}`]);
  return outcome;
}
