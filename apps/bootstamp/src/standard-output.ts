import { ProgramError } from "./program-error.ts";

/** Refuses to show compressed bytes to a person. @throws ProgramError `USAGE_ARGUMENT`. */
export function refuseTerminal(): void {
  if (!process.stdout.isTTY) return;
  throw new ProgramError("USAGE_ARGUMENT", "standard output is a terminal: name a file, or redirect it");
}

/**
 * Writes bytes to standard output, no faster than they are taken, and returns when all are.
 * @throws ProgramError `OUTPUT_CLOSED` if the reader leaves before that; the signal's reason.
 */
export async function writeToStandardOutput(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const { stdout } = process;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    await new Promise<void>((done, fail) => {
      stdout.write(chunk, (error) => (error ? fail(closed(error)) : done()));
    });
  }
}

function closed(cause: Error): ProgramError {
  const why = "code" in cause && cause.code === "EPIPE" ? "its reader has gone" : cause.message;
  return new ProgramError("OUTPUT_CLOSED", `cannot write to standard output: ${why}`, {}, { cause });
}
