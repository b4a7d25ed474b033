import { createHash } from "node:crypto";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { ImagePartition } from "@bootstamp/test-images";
import { debugfs, e2fsck, fsckVfat, mtools } from "@bootstamp/witnesses";

/** Every file of a file system by its path, with what can be compared: mode, and the digest of its bytes. */
export type FileTree = Readonly<Record<string, string>>;

/** Tools that {@link readTree} and {@link checkFileSystem} ask, to hand to `requires`. */
export const treeTools: readonly string[] = ["debugfs", "e2fsck", "fsck.vfat", "mcopy"];

/** Reads a partition's files by debugfs or mtools. */
export async function readTree(image: string, { fileSystem, offset }: ImagePartition): Promise<FileTree> {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-tree-"));
  try {
    if (fileSystem === "ext4") await debugfs(image, [`rdump / ${folder}`], { offset });
    else await mtools("mcopy", image, offset, ["-s", "-p", "-n", "::/", folder]);
    return treeIn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lets the file system's own checker look at a partition. */
export async function checkFileSystem(image: string, partition: ImagePartition): Promise<void> {
  await (partition.fileSystem === "ext4" ? e2fsck(image, partition.offset) : fsckVfat(image, partition));
}

/** The paths whose files are not the same in two trees. */
export function differentPaths(a: FileTree, b: FileTree): string[] {
  const paths = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...paths].filter((path) => a[path] !== b[path]).toSorted();
}

function treeIn(folder: string): FileTree {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [`/${relative(folder, path)}`, describe(path)];
    }),
  );
}

function describe(path: string): string {
  const stats = lstatSync(path);
  const mode = stats.mode.toString(8);
  if (stats.isSymbolicLink()) return `${mode} -> ${readlinkSync(path)}`;
  if (!stats.isFile()) return mode;
  return `${mode} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}
