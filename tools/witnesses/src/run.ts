import { spawn } from "node:child_process";
import { buffer, text } from "node:stream/consumers";
import { toolPath } from "./find-tool.ts";

export interface RunOptions {
  /** Bytes for the standard input; without them it is empty. */
  readonly input?: Uint8Array | string;
  /** Added to the environment, over `LC_ALL=C` and `TZ=UTC`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Exit statuses that are no failure. 0 alone by default. */
  readonly statuses?: readonly number[];
  /** Milliseconds after which the command is killed. 10 minutes by default. */
  readonly timeout?: number;
}

/**
 * Runs a command to its end and returns what it printed, both streams one after the other.
 * @throws Error with command, status and the end of both streams.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { stdout, stderr } = await capture(command, args, options);
  return stdout.toString("utf8") + stderr;
}

/** Runs a command like {@link run} and returns the bytes of its standard output alone. */
export async function runBytes(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Buffer> {
  return (await capture(command, args, options)).stdout;
}

/** The environment that every witness runs in: English, UTC, and the system folders on PATH. */
export function toolEnvironment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C", TZ: "UTC", PATH: toolPath(), ...added };
}

/** Runs a command to its end, both streams apart. @throws Error as {@link run} does. */
export async function capture(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ stdout: Buffer; stderr: string }> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: toolEnvironment(options.env),
    stdio: ["pipe", "pipe", "pipe"],
    timeout: options.timeout ?? 600_000,
    // Some, qemu among them, take SIGTERM as a wish to end well, and exit with 0.
    killSignal: "SIGKILL",
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(status ?? signal ?? "unknown"));
  });
  // A command that does not read its input closes it early; its status says whether that was right.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const [status, stdout, stderr] = await Promise.all([ended, buffer(child.stdout), text(child.stderr)]);
  if (!(options.statuses ?? [0]).some((accepted) => accepted === status)) {
    throw new Error(describeFailure(command, args, status, stdout.toString("utf8"), stderr));
  }
  return { stdout, stderr };
}

/** Says which command failed how, with the last lines of what it printed. */
export function describeFailure(
  command: string,
  args: readonly string[],
  status: number | string,
  stdout: string,
  stderr: string,
): string {
  const ending = typeof status === "number" ? `exited with ${status}` : `was ended by ${status}`;
  const printed = [lastLines(stderr), lastLines(stdout)].filter((part) => part !== "");
  return [`${[command, ...args].join(" ")} ${ending}`, ...printed].join("\n");
}

function lastLines(printed: string): string {
  return printed.trimEnd().split("\n").slice(-40).join("\n");
}
