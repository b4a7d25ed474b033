// What a tree takes in a FAT volume.
import { planFat, type FatShape } from "@bootstamp/bootfs";
import type { TreeNode } from "./directory-tree.ts";

const entryLength = 32;
/** UTF-16 units of a long name that one entry has room for. */
const unitsPerEntry = 13;
/** "." and "..". */
const ownEntries = 2;

/** Clusters for the contents of files, and one for each directory: less there cannot be. */
export function leastClusters(nodes: readonly TreeNode[], clusterLength: number): number {
  return sumOf(nodes, ({ kind, length }) => {
    return kind === "directory" ? 1 : Math.ceil(length / clusterLength);
  });
}

/** Clusters that a tree takes at most, whatever short names its files get; of the root directory where it has any. */
function mostClusters(nodes: readonly TreeNode[], clusterLength: number): number {
  const entries = new Map<string, number>([["", ownEntries]]);
  for (const { path, kind } of nodes) {
    const parent = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
    const nameUnits = path.length - (parent === "" ? 0 : parent.length + 1);
    entries.set(parent, (entries.get(parent) ?? 0) + 1 + Math.ceil(nameUnits / unitsPerEntry));
    if (kind === "directory") entries.set(path, ownEntries);
  }
  const files = sumOf(nodes, ({ kind, length }) => (kind === "file" ? Math.ceil(length / clusterLength) : 0));
  return files + sumOf([...entries.values()], (count) => Math.ceil((count * entryLength) / clusterLength));
}

/** The least length of a volume, in whole sectors, that has room for a tree. */
export function fatLengthFor(nodes: readonly TreeNode[], shape: Omit<FatShape, "length">): number {
  const { sectorLength } = shape;
  let length = leastVolume(shape);
  for (;;) {
    const plan = planFat({ ...shape, length });
    const missing = mostClusters(nodes, plan.clusterLength) - plan.clusterCount;
    if (missing <= 0) return length;
    // A longer volume may get longer clusters, so that this can take a few rounds; it never gets shorter.
    length += Math.ceil((missing * plan.clusterLength) / sectorLength) * sectorLength;
  }
}

/** The specification's bounds, with room for the tables. */
function leastVolume({ sectorLength, width }: Omit<FatShape, "length">): number {
  const clusters = { 12: 64, 16: 4200, 32: 65_600 }[width ?? 12];
  const bits = width ?? 12;
  return (clusters + Math.ceil((clusters * bits * 2) / 8 / sectorLength) + 72) * sectorLength;
}

function sumOf<T>(items: readonly T[], lengthOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + lengthOf(item), 0);
}
