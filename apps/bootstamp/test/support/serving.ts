import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { findTool, run } from "@bootstamp/witnesses";
import { onTestFinished, vi } from "vitest";
import { startCommand, type Outcome } from "./command.ts";
import { workplace } from "./workplace.ts";

/** `bootstamp nbd` in a process of its own, on a Unix socket. */
export interface Served {
  readonly child: ChildProcess;
  uri(exportName?: string): string;
  /** Ends it as Ctrl-C does. */
  end(): Promise<Outcome>;
  kill(): Promise<Outcome>;
}

/** Starts to serve, and resolves when clients can connect. */
export async function serveImage(image: string, ...words: readonly string[]): Promise<Served> {
  const socket = join(workplace(), "socket");
  const { child, outcome } = startCommand(["nbd", image, "--unix", socket, ...words]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const early = outcome.then(({ err }) => {
    throw new Error(`the server ended: ${err}`);
  });
  await Promise.race([vi.waitFor(() => waitFor(socket), { timeout: 120_000, interval: 50 }), early]);
  early.catch(() => undefined);
  const ended = async (signal: NodeJS.Signals): Promise<Outcome> => {
    child.kill(signal);
    return await outcome;
  };
  return {
    child,
    uri: (exportName = "") => `nbd+unix:///${exportName}?socket=${socket}`,
    end: async () => await ended("SIGINT"),
    kill: async () => await ended("SIGKILL"),
  };
}

function waitFor(path: string): void {
  if (!existsSync(path)) throw new Error(`${path} is not there`);
}

/** Shows an export, or what other words tell nbdfuse to show, as a file while `work` is under way. */
export async function withFuse<T>(
  shown: string | readonly string[],
  work: (file: string) => Promise<T>,
): Promise<T> {
  const folder = join(workplace(), "fuse");
  mkdirSync(folder);
  const file = join(folder, "nbd");
  const child = spawn(findTool("nbdfuse") ?? "", [file, ...[shown].flat()], { stdio: "ignore" });
  const ended = once(child, "exit");
  try {
    await vi.waitFor(() => waitFor(file), { timeout: 120_000 });
    return await work(file);
  } finally {
    await run("fusermount3", ["-u", folder]);
    await ended;
  }
}
