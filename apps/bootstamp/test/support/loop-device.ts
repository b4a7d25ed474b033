import { execFileSync } from "node:child_process";
import { run } from "@bootstamp/witnesses";
import { onTestFinished } from "vitest";

/** Whether this machine and user can have a loop device. */
export function canLoop(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync("losetup", ["-f"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A loop device over a file, until the test has ended. */
export async function loopDevice(file: string): Promise<string> {
  const device = (await run("losetup", ["--find", "--show", file])).trim();
  onTestFinished(async () => void (await run("losetup", ["--detach", device])));
  return device;
}
