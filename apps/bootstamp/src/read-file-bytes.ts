import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { ProgramError } from "./program-error.ts";

/**
 * A small file's bytes. @throws ProgramError `USAGE_ARGUMENT` for one that cannot be read or has more than `most`, and for
 * what is no regular file: a FIFO or a device might block, or never end.
 */
export function readFileBytes(path: string, most: number): Uint8Array {
  try {
    // Without waiting for someone who writes to a FIFO.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readSmall(path, descriptor, most);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw explained(path, error);
  }
}

function readSmall(path: string, descriptor: number, most: number): Uint8Array {
  const stats = fstatSync(descriptor);
  if (!stats.isFile())
    throw new ProgramError("USAGE_ARGUMENT", `cannot read ${path}: it is no regular file`, { path });
  if (stats.size <= most) return new Uint8Array(readFileSync(descriptor));
  const message = `${path} has ${stats.size} bytes, ${most} at most are expected`;
  throw new ProgramError("USAGE_ARGUMENT", message, { path });
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
  return new ProgramError("USAGE_ARGUMENT", `cannot read ${path}: ${why}`, { path }, { cause: error });
}
