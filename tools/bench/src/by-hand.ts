import { closeSync, constants, copyFileSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { PackedWrite } from "@bootstamp/segment-map";

export type VariantByHand = (source: string, target: string, writes: readonly PackedWrite[]) => unknown;

/** The shortest way to a variant that there is: clone, write, sync. */
export function cloneByHand(source: string, target: string, writes: readonly PackedWrite[]): void {
  copyFileSync(source, target, constants.COPYFILE_FICLONE_FORCE);
  writeAndSync(target, writes);
}

/** The same where blocks cannot be shared. */
export async function copyByHand(
  source: string,
  target: string,
  writes: readonly PackedWrite[],
): Promise<void> {
  await copyFile(source, target);
  writeAndSync(target, writes);
}

/** So that a crash leaves the whole file or none: made under another name, renamed, the directory synced. */
export async function publishByHand(
  make: VariantByHand,
  source: string,
  target: string,
  writes: readonly PackedWrite[],
): Promise<void> {
  const temporary = `${target}.new`;
  await make(source, temporary, writes);
  renameSync(temporary, target);
  const directory = openSync(dirname(target), "r");
  fsyncSync(directory);
  closeSync(directory);
}

function writeAndSync(path: string, writes: readonly PackedWrite[]): void {
  const file = openSync(path, "r+");
  for (const { offset, bytes } of writes) writeSync(file, bytes, 0, bytes.length, offset);
  fsyncSync(file);
  closeSync(file);
}
