import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { describeFailure, toolEnvironment } from "./run.ts";

/**
 * Runs a command and yields its standard output as it comes, no faster than it is taken. Stopping early kills the
 * command.
 * @throws Error after the last bytes where it fails.
 */
export async function* streamOutput(command: string, args: readonly string[]): AsyncIterable<Uint8Array> {
  const child = spawn(command, args, { env: toolEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(status ?? signal ?? "unknown"));
  });
  // Looked at below; a rejection while the output is still being read must not count as unhandled.
  ended.catch(() => undefined);
  const complaints = text(child.stderr);
  try {
    yield* child.stdout;
    const status = await ended;
    if (status !== 0) throw new Error(describeFailure(command, args, status, "", await complaints));
  } finally {
    child.kill("SIGKILL");
  }
}
