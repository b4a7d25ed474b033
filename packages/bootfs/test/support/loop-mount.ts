import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { when, type Guard } from "@bootstamp/witnesses";

/** Guards tests in which the kernel mounts an image. */
export const mountsExt: Guard = when(canMount(), "mounting needs root, loop devices and ext4 in the kernel");

/** Mounts an image through the kernel while `work` runs. */
export function whileMounted<Result>(
  image: string,
  folder: string,
  work: (folder: string) => Result,
): Result {
  mkdirSync(folder, { recursive: true });
  execFileSync("mount", ["-o", "loop", image, folder]);
  try {
    return work(folder);
  } finally {
    execFileSync("umount", [folder]);
  }
}

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    if (!/\bext4$/m.test(readFileSync("/proc/filesystems", "utf8"))) return false;
    execFileSync("losetup", ["-f"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
