import { globSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ImagePartition } from "@bootstamp/test-images";
import { debugfs, differentBlocks, e2fsck, fsckVfat, mtools, run } from "@bootstamp/witnesses";
import { filesOf, type Subject } from "./subjects.ts";

/** Tools that the functions of this file need, to hand to `requires`. */
export const fileTools: readonly string[] = [
  "debugfs",
  "diff",
  "e2fsck",
  "fsck.vfat",
  "mcopy",
  "python3",
  "sed",
];

/** Copies all files of a partition to a new folder, by debugfs or mtools. */
export async function copyFilesOut(image: string, partition: ImagePartition, folder: string): Promise<void> {
  const { fileSystem, offset } = partition;
  mkdirSync(folder);
  if (fileSystem === "ext4") await debugfs(image, [`rdump / ${folder}`], { offset });
  else await mtools("mcopy", image, offset, ["-s", "-p", "-n", "::/", folder]);
}

/** Does to a folder with the base's files what a variant's edits say, by means of this machine. */
export async function editByHand(folder: string, subject: Subject, variant: string): Promise<void> {
  const { files, sed } = subject.arguments(variant);
  const found = globSync(files, { cwd: folder }).map((file) => join(folder, file));
  if (found.length === 0) throw new Error(`${subject.recipe} has no ${files}`);
  await run("sed", ["-i", sed, ...found]);
  for (const [path, content] of Object.entries(filesOf(variant))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Compares two folders, links as links. @throws Error that lists what differs. */
export async function compareFolders(expected: string, got: string): Promise<void> {
  await run("diff", ["--recursive", "--no-dereference", "--brief", expected, got]);
}

/** Lets the file system's own checker look at a partition. @throws Error where it finds a fault. */
export async function checkFileSystem(image: string, partition: ImagePartition): Promise<void> {
  await (partition.fileSystem === "ext4" ? e2fsck(image, partition.offset) : fsckVfat(image, partition));
}

/** Compares two images but for one partition. @throws Error that names a block that differs. */
export async function compareOutside(
  { offset, length }: ImagePartition,
  a: string,
  b: string,
): Promise<void> {
  const blocks = await differentBlocks(a, b);
  const outside = blocks.find((block) => block < offset || block + 4096 > offset + length);
  if (outside !== undefined) throw new Error(`${a} and ${b} differ in the block at ${outside}`);
}
