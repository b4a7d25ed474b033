// An old image made here, and what becomes of it.
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { FileSource, MemorySource } from "@bootstamp/byte-source";
import {
  assembleImage,
  planRelayout,
  relayout,
  type DiskContent,
  type RelayoutChoices,
  type RelayoutPlan,
} from "@bootstamp/disk-image";
import {
  describeTable,
  readPartitionTable,
  type GptDescription,
  type TableDescription,
} from "@bootstamp/layout";
import { onTestFinished } from "vitest";
import { clock, gptOf, noise, scratchFolder } from "./support.ts";

export const folder: string = scratchFolder("relayout");
export const source: string = join(folder, "old.img");
export const output: string = join(folder, "new.img");

/** Opens a file until the test has ended. */
export function openSource(path: string): FileSource {
  const file = FileSource.open(path);
  onTestFinished(() => file.close());
  return file;
}

export const table: GptDescription = gptOf(512, [
  ["bios-boot", 1],
  ["esp", 3],
  ["xbootldr", 4],
  ["root-x86-64", 6],
]);

/** Something in each partition that tells it from the others; holes behind it. */
export async function makeOld(
  description: TableDescription = table,
  others: ReadonlyMap<number, DiskContent> = new Map(),
): Promise<void> {
  const numbers = description.partitions.filter(
    (each) => !("placement" in each) || each.placement !== "extended",
  );
  const contents = new Map<number, DiskContent>(
    numbers.map(({ number }) => [
      number,
      others.get(number) ?? { kind: "source", source: new MemorySource(noise(300_000, number)) },
    ]),
  );
  await assembleImage({ table: description, contents, output: source, bootCode: noise(440, 77), clock });
}

/** Writes bytes into the old image. */
export function put(offset: number, bytes: Uint8Array): void {
  const file = openSync(source, "r+");
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

export async function plan(choices: RelayoutChoices): Promise<RelayoutPlan> {
  return await planRelayout({ source: openSource(source), choices });
}

export async function make(choices: RelayoutChoices): Promise<RelayoutPlan> {
  const file = openSource(source);
  return await relayout({ source: file, plan: await planRelayout({ source: file, choices }), output });
}

export async function tableOf(path: string): Promise<TableDescription> {
  const file = openSource(path);
  return describeTable(await readPartitionTable(file), file.length);
}

export function codesOf({ notes }: RelayoutPlan): string[] {
  return notes.map(({ code }) => code);
}
