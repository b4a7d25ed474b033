import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findTool } from "@bootstamp/witnesses";

/** Serves until it is disposed of. */
export interface NbdServer extends AsyncDisposable {
  readonly uri: string;
}

const patience = 30_000;

/**
 * Serves what an .xz file holds by nbdkit's xz filter, read only, on a socket in `folder`. Nothing is unpacked but what
 * clients read.
 * @throws Error where nbdkit does not start.
 */
export async function serveThroughXz(path: string, folder: string): Promise<NbdServer> {
  const socket = join(folder, "nbd.sock");
  const args = ["-f", "-r", "-U", socket, "--exit-with-parent", "--filter=xz", "file", path];
  const child = spawn(findTool("nbdkit") ?? "nbdkit", args, { stdio: "ignore" });
  const ended = new Promise<string>((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    child.once("close", (status) => resolve(`exited with ${status}`));
  });
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  try {
    await waitForSocket(socket, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { uri: `nbd+unix:///?socket=${socket}`, [Symbol.asyncDispose]: stop };
}

async function waitForSocket(socket: string, child: ChildProcess): Promise<void> {
  for (let waited = 0; !existsSync(socket); waited += 20) {
    if (child.pid === undefined || child.exitCode !== null || waited > patience) {
      throw new Error(`nbdkit did not begin to serve on ${socket}`);
    }
    await sleep(20);
  }
}
