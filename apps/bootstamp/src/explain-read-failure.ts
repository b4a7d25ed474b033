import { BuildError } from "./build/build-error.ts";

/** What a failure to read a small file comes to: a system error in words, anything else as it is. */
export function explainReadFailure(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  const why =
    error.code === "ENOENT"
      ? "it is not there"
      : error.code === "EACCES"
        ? "this user may not read it"
        : error.message;
  return new BuildError("USAGE_ARGUMENT", `cannot read ${path}: ${why}`, { path }, { cause: error });
}
