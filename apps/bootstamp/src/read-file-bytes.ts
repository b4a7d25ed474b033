import { readFileSync, statSync } from "node:fs";
import { BuildError } from "./build/build-error.ts";
import { explainReadFailure } from "./explain-read-failure.ts";

/** A small file's bytes. @throws BuildError `USAGE_ARGUMENT` for one that cannot be read or has more than `most`. */
export function readFileBytes(path: string, most: number): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size <= most) return new Uint8Array(readFileSync(path));
    throw new BuildError("USAGE_ARGUMENT", `${path} has ${size} bytes, ${most} at most are expected`, {
      path,
    });
  } catch (error) {
    throw explainReadFailure(path, error);
  }
}
