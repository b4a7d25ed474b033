import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../../src/command-line.ts";

/** What one run of the command line printed and came to. */
export interface Outcome {
  readonly status: number | string;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  /** In place of an empty one, for commands in this process; added to this process's own for others. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly unicode?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs the command line in this process, which is quicker than {@link spawnCommand}. */
export async function runCommand(words: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runCommandLine(words, {
    terminal: {
      writeOut: (text) => void out.push(text),
      writeErr: (text) => void err.push(text),
      live: false,
      columns: options.columns ?? 80,
      colour: false,
      unicode: options.unicode ?? true,
    },
    environment: options.environment ?? {},
    signal: options.signal ?? new AbortController().signal,
  });
  return { status, out: out.join(""), err: err.join("") };
}

/** The events of a run with `--json`. */
export type Event = { readonly event: string } & Readonly<Record<string, unknown>>;

export function eventsOf({ out }: Pick<Outcome, "out">): Event[] {
  const lines = out.split("\n").filter((line) => line !== "");
  return lines.map((line): Event => JSON.parse(line));
}

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** The words that start the program in a process of its own. */
export const program: readonly string[] = [process.execPath, "--conditions=@bootstamp/source", main];

export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

/** Starts a process, the program's or `wrapper` that takes it as its last words, without waiting for it. */
export function startCommand(
  words: readonly string[],
  { environment = {}, wrapper = [] }: CommandOptions & { readonly wrapper?: readonly string[] } = {},
): Running {
  const [command = "", ...args] = [...wrapper, ...program, ...words];
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => err.push(text));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) =>
      resolve({ status: status ?? signal ?? "", out: out.join(""), err: err.join("") }),
    );
  });
  return { child, outcome };
}

/** {@link startCommand} to its end. */
export async function spawnCommand(...call: Parameters<typeof startCommand>): Promise<Outcome> {
  return await startCommand(...call).outcome;
}
