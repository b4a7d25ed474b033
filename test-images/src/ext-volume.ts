// An ext4 volume filled by mke2fs, without root. mke2fs 1.47.0 sorts the files by itself but takes ctime and owners
// from this machine, so these are set by debugfs afterwards: then two builds are the same.
import { closeSync, ftruncateSync, openSync } from "node:fs";
import { lutimes, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { debugfs, run } from "@bootstamp/witnesses";
import { bytesOf, fixedTimes, imageEpoch, type FileTree } from "./file-tree.ts";
import { fixedUuid } from "./guid.ts";

export interface ExtVolume {
  readonly label: string;
  /** Bytes. */
  readonly length: number;
  /** Tells the volumes of one image apart: it becomes the UUID. */
  readonly uuidNumber: number;
  /** Bytes of a block. Without it mke2fs takes 1024 for a small volume, which a disk of 4096-byte sectors cannot hold. */
  readonly blockLength?: 1024 | 4096;
}

export interface ExtVolumeFiles extends ExtVolume {
  readonly files: FileTree;
  /** Symbolic links: path to target. */
  readonly links?: Readonly<Record<string, string>>;
}

/** The tools that write an ext4 volume. */
export const extTools: readonly string[] = ["mke2fs", "dumpe2fs", "debugfs"];

/** Writes an ext4 volume with the given files to a new file. They are staged under `scratch`. Needs {@link extTools}. */
export async function writeExtVolume(path: string, scratch: string, volume: ExtVolumeFiles): Promise<void> {
  const stage = join(scratch, `stage-${volume.label}`);
  await stageFiles(stage, volume.files);
  for (const [link, target] of Object.entries(volume.links ?? {})) {
    // oxlint-disable-next-line no-await-in-loop
    await symlink(target, join(stage, link));
  }
  await writeExtVolumeOf(path, stage, volume);
}

/**
 * Writes an ext4 volume with the content of a folder, every owner being root. Sets the times of its folders and links.
 * Needs {@link extTools}.
 */
export async function writeExtVolumeOf(path: string, folder: string, volume: ExtVolume): Promise<void> {
  await fixFolderTimes(folder);
  const descriptor = openSync(path, "w");
  ftruncateSync(descriptor, volume.length);
  closeSync(descriptor);
  const uuid = fixedUuid(volume.uuidNumber);
  const blocks = volume.blockLength === undefined ? [] : ["-b", String(volume.blockLength)];
  const names = ["-L", volume.label, "-U", uuid, "-E", `hash_seed=${uuid}`];
  await run("mke2fs", ["-q", "-F", "-t", "ext4", ...blocks, ...names, "-d", folder, path], {
    env: fixedTimes,
  });
  await debugfs(path, (await usedInodes(path)).flatMap(fixInode), { write: true, env: fixedTimes });
}

/** Writes files under a folder that does not exist yet. */
export async function stageFiles(folder: string, files: FileTree): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path);
    // One by one: a tree may hold files of a hundred MiB.
    // oxlint-disable-next-line no-await-in-loop
    await mkdir(dirname(target), { recursive: true });
    // oxlint-disable-next-line no-await-in-loop
    await writeFile(target, bytesOf(content));
    // oxlint-disable-next-line no-await-in-loop
    await lutimes(target, imageEpoch, imageEpoch);
  }
}

/** The time of a folder or link is the time of its making here; a file's own time came with it. */
async function fixFolderTimes(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const times = entries
    .filter((entry) => !entry.isFile())
    .map((entry) => lutimes(join(entry.parentPath, entry.name), imageEpoch, imageEpoch));
  await Promise.all([...times, lutimes(folder, imageEpoch, imageEpoch)]);
}

const firstOrdinaryInode = 11;
const rootInode = 2;

async function usedInodes(path: string): Promise<number[]> {
  const report = await run("dumpe2fs", [path], { env: fixedTimes });
  const total = Number(/^Inode count: +(\d+)$/m.exec(report)?.[1]);
  const isFree = new Uint8Array(total + 1);
  for (const [, ranges = ""] of report.matchAll(/^ {2}Free inodes: (.*)$/gm)) {
    for (const [, first = "", last = first] of ranges.matchAll(/(\d+)(?:-(\d+))?/g))
      isFree.fill(1, Number(first), Number(last) + 1);
  }
  const inodes = Array.from({ length: total + 1 }, (_, inode) => inode);
  const ordinary = inodes.filter((inode) => inode >= firstOrdinaryInode && isFree[inode] === 0);
  return [rootInode, ...ordinary];
}

function fixInode(inode: number): string[] {
  const fields = [`ctime @${imageEpoch}`, `atime @${imageEpoch}`, "uid 0", "gid 0"];
  return fields.map((field) => `set_inode_field <${inode}> ${field}`);
}
