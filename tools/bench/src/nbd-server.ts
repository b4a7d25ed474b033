import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toolPath } from "@bootstamp/witnesses";

/**
 * Runs a shell command that serves NBD on the Unix socket `nbd.sock` of `folder`, gives `use` the URI when it answers,
 * and ends it by its process group.
 * @throws Error if it ends by itself, or does not serve in five minutes.
 */
export async function withNbdServer<Result>(
  command: string,
  folder: string,
  use: (uri: string) => Promise<Result>,
): Promise<Result> {
  const socket = join(folder, "nbd.sock");
  rmSync(socket, { force: true });
  const child = spawn("bash", ["-c", `exec ${command}`], {
    cwd: folder,
    env: { ...process.env, PATH: join(folder, "programs") + delimiter + toolPath() },
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    for (let tried = 0; !existsSync(socket); tried++) {
      if (child.exitCode !== null || tried > 6000) throw new Error(`does not serve: ${command}`);
      await sleep(50);
    }
    return await use(`nbd+unix:///?socket=${socket}`);
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    await ended;
    rmSync(socket, { force: true });
  }
}
