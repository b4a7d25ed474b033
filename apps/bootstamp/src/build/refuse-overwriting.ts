import { lstatSync, realpathSync, statSync, type BigIntStats } from "node:fs";
import { dirname } from "node:path";
import { FileSource, type ByteSource } from "@bootstamp/byte-source";
import { ProgramError } from "../program-error.ts";

/** Throws `BUILD_OUTPUT_IS_INPUT` if one of `outputs` is a name of `input`, a file, which would be lost. */
export function refuseOverwriting(input: ByteSource, outputs: Iterable<string>): void {
  if (!(input instanceof FileSource)) return;
  for (const path of outputs) {
    const there = statsOf(path);
    if (there === undefined || `${there.dev}:${there.ino}` !== input.fingerprint.inode) continue;
    throw new ProgramError("BUILD_OUTPUT_IS_INPUT", `cannot write ${path}: it is the base image`, { path });
  }
}

/**
 * Throws `BUILD_OUTPUT_IS_INPUT` if one of `outputs` is a name of a file at one of the paths `inputs`, or lies in a
 * directory there: then it would be lost, or become a part of itself.
 */
export function refuseOwnInput(inputs: Iterable<string>, outputs: readonly string[]): void {
  for (const input of inputs) {
    const read = statsOf(input, statSync);
    for (const path of outputs) {
      if (read?.isDirectory() === true ? !isWithin(path, input) : !isSameFile(statsOf(path), read)) continue;
      const message = `cannot write ${path}: it would be made of itself, as ${input} is read for it`;
      throw new ProgramError("BUILD_OUTPUT_IS_INPUT", message, { path });
    }
  }
}

function isSameFile(one: BigIntStats | undefined, other: BigIntStats | undefined): boolean {
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}

function isWithin(path: string, directory: string): boolean {
  try {
    return `${realpathSync(dirname(path))}/`.startsWith(`${realpathSync(directory)}/`);
  } catch {
    // The writing will say what is missing.
    return false;
  }
}

/** Undefined for what cannot be looked at, too: the writing will say why. */
function statsOf(path: string, look: typeof statSync = lstatSync): BigIntStats | undefined {
  try {
    return look(path, { bigint: true });
  } catch {
    return undefined;
  }
}
