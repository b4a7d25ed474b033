import { closeSync, ftruncateSync, openSync } from "node:fs";
import { join, posix } from "node:path";
import { run } from "@bootstamp/witnesses";
import { stageFiles } from "./ext-volume.ts";
import { fixedTimes, type FileTree } from "./file-tree.ts";

/** The tools that write a FAT volume as a distribution does. */
export const vfatTools: readonly string[] = ["mkfs.vfat", "mmd", "mcopy"];

export interface VfatVolume {
  readonly width: 12 | 16 | 32;
  readonly label: string;
  /** Bytes. */
  readonly length: number;
  readonly sectorLength?: number;
  readonly serial: number;
  readonly files: FileTree;
}

/**
 * Writes a FAT volume by mkfs.vfat and mtools to a new file. The files are staged under `scratch`. Needs {@link
 * vfatTools}.
 */
export async function writeVfatVolume(path: string, scratch: string, volume: VfatVolume): Promise<void> {
  const descriptor = openSync(path, "w");
  ftruncateSync(descriptor, volume.length);
  closeSync(descriptor);
  const serial = volume.serial.toString(16).padStart(8, "0");
  const shape = ["-F", String(volume.width), "-S", String(volume.sectorLength ?? 512)];
  await run("mkfs.vfat", ["--invariant", ...shape, "-i", serial, "-n", volume.label, path], { env });
  const stage = join(scratch, `stage-${volume.label}`);
  await stageFiles(stage, volume.files);
  await copyFiles(path, stage, Object.keys(volume.files));
}

/** MTOOLSRC keeps a user's own settings out. */
const env = { ...fixedTimes, MTOOLS_SKIP_CHECK: "1", MTOOLSRC: "/dev/null" };

/** Folder by folder and sorted: mcopy's own descent takes the order in which this machine lists a folder. */
async function copyFiles(path: string, stage: string, files: readonly string[]): Promise<void> {
  const folders = Map.groupBy(files.toSorted(), (file) => posix.dirname(file));
  const made = [...folders.keys()].flatMap(ancestors).filter((folder) => folder !== ".");
  const unique = [...new Set(made)].toSorted();
  if (unique.length > 0) await run("mmd", ["-i", path, ...unique.map((folder) => `::${folder}`)], { env });
  for (const [folder, names] of folders) {
    const sources = names.map((name) => join(stage, name));
    // One after the other: they write to the same volume.
    // oxlint-disable-next-line no-await-in-loop
    await run("mcopy", ["-i", path, ...sources, `::${folder === "." ? "" : folder}`], { env });
  }
}

function ancestors(folder: string): string[] {
  const names = folder.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
