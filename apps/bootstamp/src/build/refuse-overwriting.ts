import { lstatSync } from "node:fs";
import type { FileSource } from "@bootstamp/byte-source";
import { BuildError } from "./build-error.ts";

/** Throws `BUILD_OUTPUT_IS_INPUT` if one of `outputs` is the name of `input`, which would be lost. */
export function refuseOverwriting(input: FileSource, outputs: Iterable<string>): void {
  for (const path of outputs) {
    const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (there === undefined || `${there.dev}:${there.ino}` !== input.fingerprint.inode) continue;
    throw new BuildError("BUILD_OUTPUT_IS_INPUT", `cannot write ${path}: it is the base image`, { path });
  }
}
