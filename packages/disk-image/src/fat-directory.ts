import type { FileHandle } from "node:fs/promises";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  formatFat,
  openEditor,
  planFat,
  type FatVolume,
  type RegionEditor,
  type TreeEntry,
} from "@bootstamp/bootfs";
import { FileSource, writeAt } from "@bootstamp/byte-source";
import type { ByteRange, SectorLength } from "@bootstamp/layout";
import { contentTooLarge } from "./content-too-large.ts";
import { DiskImageError } from "./disk-image-error.ts";
import type { Meter } from "./disk-progress.ts";
import { unreadable, type TreeNode } from "./directory-tree.ts";
import { leastClusters } from "./fat-needs.ts";

/** An image that is being written, which has zeros where a file system is to come. */
export interface UnfinishedImage {
  readonly path: string;
  readonly file: FileHandle;
  readonly sectorLength: SectorLength;
}

export interface FatDirectory {
  readonly volume: FatVolume;
  /** Where the partition lies. */
  readonly place: ByteRange;
  /** "partition 2", for messages. */
  readonly what: string;
  /** Entries of a tree, the files among them with a way to their bytes. */
  readonly nodes: readonly TreeNode[];
  readonly readContent: (node: TreeNode) => Promise<Uint8Array>;
}

/** Bytes of files that are put in at once: more would only take memory, less would look for free clusters more often. */
const batchLength = 16 << 20;

/**
 * Makes a FAT volume in an image and puts files into it.
 * @throws DiskImageError `DISK_ENTRY_UNSUPPORTED`, `DISK_CONTENT_TOO_LARGE`; BootfsError `BOOTFS_NAME`,
 * `BOOTFS_NO_SPACE`, `BOOTFS_RANGE`.
 */
export async function writeFatDirectory(
  image: UnfinishedImage,
  directory: FatDirectory,
  meter: Meter,
): Promise<void> {
  const { volume, place, nodes, what } = directory;
  checkNodes(nodes, what);
  const plan = planFat(volume);
  const missing = leastClusters(nodes, plan.clusterLength) - plan.clusterCount;
  if (missing > 0) throw contentTooLarge(what, volume.length, missing * plan.clusterLength, "at least");
  for (const { offset, bytes } of formatFat(volume)) await writeAt(image.file, bytes, place.offset + offset);
  const editor = openEditor({ threads: 1 });
  try {
    for (const batch of batches(nodes)) await putBatch(image, directory, editor, batch, meter);
  } finally {
    await editor.close();
  }
}

/** A way to the bytes of the files below a directory of this machine. */
export function filesOf(directory: string): FatDirectory["readContent"] {
  return async ({ path }) => {
    const whole = join(directory, path);
    try {
      return await readFile(whole);
    } catch (error) {
      throw unreadable(whole, error);
    }
  };
}

async function putBatch(
  { path, file, sectorLength }: UnfinishedImage,
  { volume, place, what, readContent }: FatDirectory,
  editor: RegionEditor,
  batch: readonly TreeNode[],
  meter: Meter,
): Promise<void> {
  const entries: TreeEntry[] = [];
  for (const node of batch) {
    if (node.kind === "directory") entries.push({ kind: "directory", path: node.path, mode: node.mode });
    else entries.push({ kind: "file", path: node.path, mode: node.mode, content: await readContent(node) });
  }
  const source = FileSource.open(path);
  try {
    const edits = [{ verb: "copy-in", path: "/", entries } as const];
    const { patch } = await editor.edit({ source, region: place, sectorLength, edits, clock: volume.clock });
    for (const { offset, bytes } of patch) await writeAt(file, bytes, offset);
  } finally {
    source.close();
  }
  meter.advance(
    what,
    batch.reduce((sum, { length }) => sum + length, 0),
  );
}

function* batches(nodes: readonly TreeNode[]): Generator<readonly TreeNode[]> {
  let batch: TreeNode[] = [];
  let length = 0;
  for (const node of nodes) {
    if (length > 0 && length + node.length > batchLength) {
      yield batch;
      batch = [];
      length = 0;
    }
    batch.push(node);
    length += node.kind === "file" ? node.length : 0;
  }
  if (batch.length > 0) yield batch;
}

/** Batches are put in one after the other, so that what two of them have in common must be found here. */
function checkNodes(nodes: readonly TreeNode[], what: string): void {
  const seen = new Map<string, string>();
  for (const { path, kind } of nodes) {
    if (kind === "link" || kind === "other") {
      const noun = kind === "link" ? "a symbolic link" : "a device, pipe or socket";
      throw new DiskImageError(
        "DISK_ENTRY_UNSUPPORTED",
        `${what}: ${path} is ${noun}, which FAT cannot hold`,
        {
          path,
        },
      );
    }
    const folded = path.toUpperCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      throw new DiskImageError(
        "DISK_ENTRY_UNSUPPORTED",
        `${what}: ${other} and ${path} are one name to FAT, which knows no upper and lower case`,
        { path },
      );
    }
    seen.set(folded, path);
  }
}
