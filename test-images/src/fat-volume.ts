// A FAT volume made with its files in one go, by nothing but Node: every file and folder is one run of clusters,
// in the order of the sorted paths. A second opinion beside the FAT code that is under test, and no formatter for
// other purposes: nothing can be added later.
import { openSync, closeSync, ftruncateSync, statSync, writeSync } from "node:fs";
import { encodeReserved } from "./fat-boot-sector.ts";
import {
  chooseShortName,
  encodeEntry,
  encodeLabelEntry,
  encodeLongName,
  needsLongName,
} from "./fat-entry.ts";
import { encodeFat, type ClusterRun } from "./fat-table.ts";
import { planFatGeometry, type FatGeometry, type FatVolumeSize } from "./fat-geometry.ts";
import { bytesOf, type FileContent, type FileTree } from "./file-tree.ts";

export interface FatVolume extends FatVolumeSize {
  readonly label: string;
  readonly serial: number;
  readonly files: FileTree;
}

type Folder = Map<string, Folder | FileContent>;

/** Bytes to be written at an offset of the volume. */
interface Piece {
  readonly offset: number;
  readonly content: FileContent;
}

/** The runs of clusters that are given away, and what goes into them. */
interface Allocation {
  readonly geometry: FatGeometry;
  readonly runs: ClusterRun[];
  readonly pieces: Piece[];
  next: number;
}

/**
 * Writes a FAT volume to a new file of exactly the volume's length.
 * @throws RangeError where the width does not fit the size, or the files do not fit the volume.
 */
export function writeFatVolume(path: string, volume: FatVolume): void {
  const geometry = planFatGeometry(volume);
  const allocation: Allocation = { geometry, runs: [], pieces: [], next: 2 };
  const root = placeRoot(allocation, folderOf(volume.files), volume.label);
  const free = { count: geometry.clusterCount + 2 - allocation.next, next: allocation.next };
  if (free.count < 0) throw new RangeError(`the files need ${-free.count} clusters more than ${path} has`);
  const fat = encodeFat(geometry, allocation.runs, allocation.next);
  const fatOffset = geometry.reservedSectors * geometry.sectorLength;
  const fatLength = geometry.sectorsPerFat * geometry.sectorLength;
  writePieces(path, volume.length, [
    { offset: 0, content: encodeReserved(geometry, volume, free) },
    { offset: fatOffset, content: fat },
    { offset: fatOffset + fatLength, content: fat },
    root,
    ...allocation.pieces,
  ]);
}

function writePieces(path: string, length: number, pieces: readonly Piece[]): void {
  const descriptor = openSync(path, "w");
  try {
    ftruncateSync(descriptor, length);
    for (const { offset, content } of pieces) {
      const bytes = bytesOf(content);
      for (let done = 0; done < bytes.length;)
        done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
    }
  } finally {
    closeSync(descriptor);
  }
}

function folderOf(files: FileTree): Folder {
  const root: Folder = new Map();
  for (const path of Object.keys(files).toSorted()) {
    const names = path.split("/");
    const last = names.pop() ?? "";
    names.reduce(subfolder, root).set(last, files[path] ?? "");
  }
  return root;
}

function subfolder(folder: Folder, name: string): Folder {
  const known = folder.get(name);
  if (known instanceof Map) return known;
  const made: Folder = new Map();
  folder.set(name, made);
  return made;
}

function placeRoot(allocation: Allocation, folder: Folder, label: string): Piece {
  const { geometry } = allocation;
  const labelEntry = encodeLabelEntry(label);
  if (geometry.width === 32) {
    const cluster = take(allocation, labelEntry.length + entriesLength(folder));
    const entries = placeChildren(allocation, folder, 0);
    return { offset: offsetOf(geometry, cluster), content: Buffer.concat([labelEntry, entries]) };
  }
  const content = Buffer.concat([labelEntry, placeChildren(allocation, folder, 0)]);
  const most = geometry.rootEntries * 32;
  if (content.length > most)
    throw new RangeError(`the root folder holds ${most} bytes, got ${content.length}`);
  return { offset: geometry.dataOffset - most, content };
}

/** Places what a folder holds and returns the folder's own entries. */
function placeChildren(allocation: Allocation, folder: Folder, ownCluster: number): Buffer {
  const parts = namesOf(folder).map(({ name, shortName, longName }) => {
    const child = folder.get(name) ?? "";
    const node =
      child instanceof Map ? placeFolder(allocation, child, ownCluster) : placeFile(allocation, child);
    return Buffer.concat([longName, encodeEntry({ shortName, ...node })]);
  });
  return Buffer.concat(parts);
}

interface Placed {
  readonly isFolder: boolean;
  readonly cluster: number;
  readonly length: number;
}

function placeFile(allocation: Allocation, content: FileContent): Placed {
  const length = lengthOf(content);
  if (length === 0) return { isFolder: false, cluster: 0, length };
  const cluster = take(allocation, length);
  allocation.pieces.push({ offset: offsetOf(allocation.geometry, cluster), content });
  return { isFolder: false, cluster, length };
}

function placeFolder(allocation: Allocation, folder: Folder, parent: number): Placed {
  const cluster = take(allocation, 2 * 32 + entriesLength(folder));
  const dot = encodeEntry({ shortName: ".".padEnd(11), isFolder: true, cluster, length: 0 });
  const dotDot = encodeEntry({ shortName: "..".padEnd(11), isFolder: true, cluster: parent, length: 0 });
  const children = placeChildren(allocation, folder, cluster);
  const content = Buffer.concat([dot, dotDot, children]);
  allocation.pieces.push({ offset: offsetOf(allocation.geometry, cluster), content });
  return { isFolder: true, cluster, length: 0 };
}

function take(allocation: Allocation, length: number): number {
  const first = allocation.next;
  const count = Math.max(1, Math.ceil(length / allocation.geometry.clusterLength));
  allocation.runs.push({ first, count });
  allocation.next += count;
  return first;
}

function namesOf(folder: Folder): { name: string; shortName: string; longName: Buffer }[] {
  const taken = new Set<string>();
  return [...folder.keys()].map((name) => {
    const shortName = chooseShortName(name, taken);
    taken.add(shortName);
    const longName = needsLongName(name, shortName) ? encodeLongName(name, shortName) : Buffer.alloc(0);
    return { name, shortName, longName };
  });
}

function entriesLength(folder: Folder): number {
  return namesOf(folder).reduce((length, { longName }) => length + longName.length + 32, 0);
}

function lengthOf(content: FileContent): number {
  if (typeof content === "string" || content instanceof Uint8Array) return bytesOf(content).length;
  return statSync(content.hostPath).size;
}

function offsetOf(geometry: FatGeometry, cluster: number): number {
  return geometry.dataOffset + (cluster - 2) * geometry.clusterLength;
}
