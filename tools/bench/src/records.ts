// What was measured is kept, a file a benchmark, so that one of them can be measured anew without all the others.
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MeasuredSection } from "./document.ts";

export interface BenchRecord extends MeasuredSection {
  /** The largest resident memory of each command of ours in it, in bytes. */
  readonly peaks: Readonly<Record<string, number>>;
}

const folder = fileURLToPath(new URL("../results", import.meta.url));

/** Every record that is kept, by the benchmark's name. */
export function readRecords(): Map<string, BenchRecord> {
  const names = globSync("*.json", { cwd: folder }).toSorted();
  return new Map(
    names.map((name) => {
      const record: BenchRecord = JSON.parse(readFileSync(join(folder, name), "utf8"));
      return [record.name, record];
    }),
  );
}

export function writeRecord(record: BenchRecord): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${record.name}.json`), `${JSON.stringify(record, undefined, 2)}\n`);
}
