import { readFileSync, statSync } from "node:fs";
import { BuildError } from "./build/build-error.ts";

/** A small file's bytes. @throws BuildError `USAGE_ARGUMENT` for one that cannot be read or has more than `most`. */
export function readFileBytes(path: string, most: number): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size <= most) return new Uint8Array(readFileSync(path));
    throw new BuildError("USAGE_ARGUMENT", `${path} has ${size} bytes, ${most} at most are expected`, {
      path,
    });
  } catch (error) {
    throw explained(path, error);
  }
}

/** What a failure to read a small file comes to: a system error in words, anything else as it is. */
function explained(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  const why =
    error.code === "ENOENT"
      ? "it is not there"
      : error.code === "EACCES"
        ? "this user may not read it"
        : error.message;
  return new BuildError("USAGE_ARGUMENT", `cannot read ${path}: ${why}`, { path }, { cause: error });
}
