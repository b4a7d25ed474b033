import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import type { Patch } from "@bootstamp/byte-source";
import { writeWholeFile } from "@bootstamp/whole-file";

/** A variant's patch as it waits on disk between two steps of a build, with what the edits reported. */
export interface KeptPatch<Report> {
  readonly patch: Patch;
  readonly report: Report;
}

// Node's own serialization: read only by the program that wrote it, from its own hidden directory.

export async function keepPatch<Report>(path: string, kept: KeptPatch<Report>): Promise<void> {
  await writeWholeFile(path, async (temporaryPath) => writeFileSync(temporaryPath, serialize(kept)));
}

/** Undefined if it was not kept. The caller vouches for `Report`: the path's key has to tell it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what a file holds has no type here
export function findPatch<Report>(path: string): KeptPatch<Report> | undefined {
  if (!existsSync(path)) return undefined;
  const kept: KeptPatch<Report> = deserialize(readFileSync(path));
  return kept;
}
