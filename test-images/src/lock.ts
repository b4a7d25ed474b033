import { randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `body` while nobody else, in this process or another, holds the lock: a file with the holder's process number.
 * The lock of a process that died is taken over.
 */
export async function whileLocked<Result>(lock: string, body: () => Promise<Result>): Promise<Result> {
  // Waiting is what the loop is for.
  // oxlint-disable-next-line no-await-in-loop
  while (!(await takeLock(lock))) await sleep(200);
  try {
    return await body();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function takeLock(lock: string): Promise<boolean> {
  const own = `${lock}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    // Unlike creating and then writing it, a link is there with its content or not at all.
    await link(own, lock);
    return true;
  } catch {
    const holder = Number(await readFile(lock, "utf8").catch(() => ""));
    if (holder !== 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
