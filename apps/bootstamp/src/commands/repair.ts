import { bringInOrder } from "../bring-in-order.ts";
import type { Reporter } from "../report/reporter.ts";

/** Brings files in order in which a change in place was cut off. */
export async function repair(paths: readonly string[], reporter: Reporter): Promise<void> {
  for (const path of paths) {
    const outcome = await bringInOrder(path, reporter);
    if (outcome === "clean")
      reporter.tell({ event: "repaired", path, outcome }, [`in order  ${path}: nothing was cut off`]);
  }
}
