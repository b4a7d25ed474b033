import { BootfsError } from "./bootfs-error.ts";

export function roundUp(length: number, unit: number): number {
  return Math.ceil(length / unit) * unit;
}

/** @param missing bytes that would have to be free on top; a bound from below where only that is known. */
export function noSpace(path: string, missing: number): BootfsError {
  const bytes = missing.toLocaleString("en-US");
  return new BootfsError("BOOTFS_NO_SPACE", `the file system is full: ${path} needs ${bytes} bytes more`, {
    path,
    missing,
  });
}

/** Space alone does not help: ext has as many inodes as mkfs made. */
export function noInode(path: string): BootfsError {
  return new BootfsError("BOOTFS_NO_SPACE", `the file system is full: no inode is free for ${path}`, {
    path,
  });
}
