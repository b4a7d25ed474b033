import { lstatSync, type BigIntStats } from "node:fs";
import { FileSource, type ByteSource } from "@bootstamp/byte-source";
import { BuildError } from "./build-error.ts";

/** Throws `BUILD_OUTPUT_IS_INPUT` if one of `outputs` is a name of `input`, a file, which would be lost. */
export function refuseOverwriting(input: ByteSource, outputs: Iterable<string>): void {
  if (!(input instanceof FileSource)) return;
  for (const path of outputs) {
    const there = statsOf(path);
    if (there === undefined || `${there.dev}:${there.ino}` !== input.fingerprint.inode) continue;
    throw new BuildError("BUILD_OUTPUT_IS_INPUT", `cannot write ${path}: it is the base image`, { path });
  }
}

/** Undefined for what cannot be looked at, too: the writing will say why. */
function statsOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
