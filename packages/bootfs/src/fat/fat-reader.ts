import type { SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "../bootfs-error.ts";
import { readBytes } from "../disk.ts";
import { readExtents } from "../file-content.ts";
import type {
  DirectoryEntry,
  DiskRange,
  FileExtent,
  FileKind,
  FileStat,
  FileSystemIdentity,
  FileSystemReader,
} from "../file-system.ts";
import { splitPath } from "../path.ts";
import { readBootRecord, type BootRecord } from "./boot-record.ts";
import { notFound } from "../resolve-path.ts";
import { attribute, entryLength, parseEntries, type FatEntry } from "./fat-entry.ts";
import { decodeCodePage437 } from "./code-page-437.ts";
import { chain, clusterOffset, countFreeClusters } from "./fat-table.ts";

/** 65,536 entries: more, no FAT directory may have. */
const directoryLimit = 2 << 20;

/** Reads FAT12, FAT16 and FAT32. Keeps nothing but the first sector: what others write to `source` shows at once. */
export class FatReader implements FileSystemReader {
  readonly identity: FileSystemIdentity;
  readonly record: BootRecord;
  readonly #source: SyncByteSource;

  /** @throws BootfsError `BOOTFS_TRUNCATED` and as {@link readBootRecord}. */
  constructor(source: SyncByteSource) {
    this.#source = source;
    this.record = readBootRecord(source);
    const { kind, length, clusterLength, serial } = this.record;
    if (length > source.length) {
      throw new BootfsError(
        "BOOTFS_TRUNCATED",
        `the FAT file system says it has ${length} bytes, but its region has ${source.length}: the image is cut short, or the region is not the right one`,
        { expected: length, got: source.length },
      );
    }
    const uuid = serial
      .toString(16)
      .toUpperCase()
      .padStart(8, "0")
      .replace(/^(.{4})/, "$1-");
    this.identity = { kind, label: this.#label(), uuid, blockLength: clusterLength, length };
  }

  stat(path: string): FileStat | undefined {
    if (path === "/")
      return { name: "", kind: "directory", length: 0, mode: 0o755, uid: 0, gid: 0, modified: 0 };
    const entry = this.find(path);
    if (entry === undefined) return undefined;
    const { name, attributes, length, modified } = entry;
    const mode = (attributes & attribute.readOnly) === 0 ? 0o755 : 0o555;
    return { name, kind: kindOf(attributes), length, mode, uid: 0, gid: 0, modified };
  }

  list(path: string): DirectoryEntry[] {
    const directory = path === "/" ? undefined : this.#get(path, "directory");
    return this.entries(directory).map(({ name, attributes }) => ({ name, kind: kindOf(attributes) }));
  }

  read(path: string): Uint8Array {
    return readExtents(this.#source, path, this.extents(path));
  }

  readLink(path: string): string {
    throw new BootfsError("BOOTFS_NOT_POSSIBLE", `FAT has no links: ${path}`, { path });
  }

  extents(path: string): FileExtent[] {
    const { firstCluster, length } = this.#get(path, "file");
    const { clusterLength } = this.record;
    if (length === 0) return [];
    const clusters = chain(this.#source, this.record, firstCluster, Math.ceil(length / clusterLength));
    if (clusters.length * clusterLength < length) {
      throw new BootfsError(
        "BOOTFS_CORRUPT",
        `${path} is ${length} bytes long but has only ${clusters.length} clusters`,
        { path },
      );
    }
    const extents: FileExtent[] = [];
    for (const [index, cluster] of clusters.entries()) {
      const fileOffset = index * clusterLength;
      const piece = {
        fileOffset,
        offset: clusterOffset(this.record, cluster),
        length: Math.min(clusterLength, length - fileOffset),
      };
      const last = extents.at(-1);
      if (last?.offset === undefined || last.offset + last.length !== piece.offset) extents.push(piece);
      else extents[extents.length - 1] = { ...last, length: last.length + piece.length };
    }
    return extents;
  }

  occupied(path: string): DiskRange[] {
    const entry = path === "/" ? undefined : this.find(path);
    if (entry === undefined && path !== "/") throw notFound(path, path);
    const { rootOffset, rootLength, rootCluster, clusterLength, clusterCount } = this.record;
    const own = entry === undefined ? [] : [{ offset: entry.offset, length: entryLength }];
    const first = entry === undefined ? rootCluster : entry.firstCluster;
    if (first === 0) return entry === undefined ? [{ offset: rootOffset, length: rootLength }] : own;
    const clusters = chain(this.#source, this.record, first, clusterCount);
    const ranges = clusters.map((each) => ({
      offset: clusterOffset(this.record, each),
      length: clusterLength,
    }));
    return [...own, ...ranges];
  }

  freeBytes(): number {
    return countFreeClusters(this.#source, this.record) * this.record.clusterLength;
  }

  /** The entry at a canonical path other than the root, or undefined. */
  find(path: string): FatEntry | undefined {
    let entry: FatEntry | undefined;
    for (const name of splitPath(path)) {
      if (entry !== undefined && (entry.attributes & attribute.directory) === 0) return undefined;
      const folded = foldName(name);
      entry = this.entries(entry).find(
        (candidate) => foldsTo(candidate.name, folded) || foldsTo(candidate.shortName, folded),
      );
      if (entry === undefined) return undefined;
    }
    return entry;
  }

  /** What a directory holds, the root where none is given, without `.`, `..` and the label. */
  entries(directory: FatEntry | undefined): FatEntry[] {
    return [...parseEntries(this.#pieces(directory))].filter(
      ({ attributes, shortName }) =>
        (attributes & attribute.volume) === 0 && shortName !== "." && shortName !== "..",
    );
  }

  /** The time of the label, in seconds since 1970: mkfs writes it, and hardly anything after. */
  labelTime(): number | undefined {
    return this.#labelEntry()?.modified;
  }

  #label(): string {
    const entry = this.#labelEntry()?.shortName;
    const inRecord = decodeCodePage437(this.record.label).trimEnd();
    return entry?.replace(/^(.{8})\./, "$1") ?? (inRecord === "NO NAME" ? "" : inRecord);
  }

  #labelEntry(): FatEntry | undefined {
    return [...parseEntries(this.#pieces(undefined))].find(
      ({ attributes }) => (attributes & (attribute.volume | attribute.directory)) === attribute.volume,
    );
  }

  *#pieces(directory: FatEntry | undefined): Generator<{ offset: number; bytes: Uint8Array }> {
    const { rootOffset, rootLength, rootCluster, clusterLength } = this.record;
    const first = directory === undefined ? rootCluster : directory.firstCluster;
    if (first === 0) {
      yield { offset: rootOffset, bytes: readBytes(this.#source, rootOffset, rootLength) };
      return;
    }
    for (const cluster of chain(
      this.#source,
      this.record,
      first,
      Math.ceil(directoryLimit / clusterLength),
    )) {
      const offset = clusterOffset(this.record, cluster);
      yield { offset, bytes: readBytes(this.#source, offset, clusterLength) };
    }
  }

  #get(path: string, kind: FileKind): FatEntry {
    const entry = this.find(path);
    if (entry === undefined || kindOf(entry.attributes) !== kind) {
      throw new BootfsError("BOOTFS_NOT_FOUND", `there is no ${kind} ${path}`, { path });
    }
    return entry;
  }
}

/** Names are compared without regard to case, letter by letter as FAT has it, not as languages do. */
export function foldName(name: string): string {
  return Array.from({ length: name.length }, (_, index) => foldLetter(name.charAt(index))).join("");
}

function foldLetter(letter: string): string {
  const upper = letter.toUpperCase();
  return upper.length === letter.length ? upper : letter;
}

/** Stops at the first letter that differs: a directory may have thousands of long names. */
function foldsTo(name: string, folded: string): boolean {
  if (name.length !== folded.length) return false;
  for (let index = 0; index < name.length; index++) {
    if (foldLetter(name.charAt(index)) !== folded.charAt(index)) return false;
  }
  return true;
}

function kindOf(attributes: number): "file" | "directory" {
  return (attributes & attribute.directory) === 0 ? "file" : "directory";
}
