import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { utimesSync } from "node:fs";
import { processMark } from "@bootstamp/whole-file";
import { type Guard, requires, when } from "@bootstamp/witnesses";

/** The mark of a process in another container, with our start. */
export function markElsewhere(): string {
  const [, start, , boot] = processMark().split("@");
  return `1@${start}@f000beef@${boot}`;
}

/** Dates a file as if it had been written to so many seconds ago. */
export function age(path: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  utimesSync(path, then, then);
}

const unshareArguments = ["--pid", "--fork", "--mount-proc", "--kill-child"];
const isAllowed = spawnSync("unshare", [...unshareArguments, "true"]).status === 0;

/** For a test that runs a process in a PID namespace of its own. */
export const inNamespace: Guard = {
  ...requires("unshare"),
  ...when(isAllowed, "no PID namespace can be made here (not root?)"),
};

export interface ProcessElsewhere {
  /** What it said first, one line. */
  readonly said: string;
  /** Ends its input, and waits for its end. */
  finish(): Promise<void>;
  kill(): Promise<void>;
}

/** Runs a script, a module of this package's source at `source`, in a PID namespace of its own, until it says a line. */
export async function startElsewhere(script: (source: string) => string): Promise<ProcessElsewhere> {
  const text = script(new URL("../src/index.ts", import.meta.url).href);
  const node = [process.execPath, "--conditions=@bootstamp/source", "--input-type=module", "-e", text];
  const child = spawn("unshare", [...unshareArguments, ...node], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [line] = await once(child.stdout, "data");
  return {
    said: String(line).trim(),
    finish: async () => {
      child.stdin.end();
      await ended;
    },
    kill: async () => await killed(child, ended),
  };
}

/** Kills unshare, and with it all in its namespace. */
async function killed(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill("SIGKILL");
  await ended;
}
