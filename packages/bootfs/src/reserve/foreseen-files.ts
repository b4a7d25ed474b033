import { BootfsError } from "../bootfs-error.ts";
import { checkIsFile } from "../edits/put-file.ts";
import type { FileSystemReader } from "../file-system.ts";
import { joinPath, nameOf, parentOf } from "../path.ts";
import { notDirectory, resolveExisting, resolvePath, wholePath } from "../resolve-path.ts";
import { noSpace, roundUp } from "../space.ts";
import { countingUnit, largestReserve, mostNewFiles, type Reserve } from "./reserve.ts";

/** A file of a reserve as it is in the base. */
export interface ForeseenFile {
  /** Canonical. */
  readonly path: string;
  readonly room: number;
  /** Undefined where it is not there yet. */
  readonly content: Uint8Array | undefined;
  /** The directory that is there, and how many names lead from it to the file. */
  readonly above: string;
  readonly missingNames: number;
}

/** A reserve held against the base that it is for. */
export interface Foreseen {
  readonly files: readonly ForeseenFile[];
  readonly newFiles: { readonly directory: string; readonly bytes: number; readonly count: number };
  readonly slots: readonly string[];
  /**
   * Bytes that the files of the reserve may newly take, all together. A file that shrinks by whole blocks may be moved by
   * its writer, so that it counts with its length.
   */
  readonly filesDemand: number;
  /** Names that come to be, beside those of `newFiles`. */
  readonly missingNames: number;
}

/**
 * Looks up what a reserve names.
 * @throws BootfsError `BOOTFS_NOT_FOUND` for a slot or directory that is not there, `BOOTFS_NOT_DIRECTORY`,
 *   `BOOTFS_IS_DIRECTORY`, `BOOTFS_NOT_FILE`, `BOOTFS_NO_SPACE` where the room is not free, `BOOTFS_TOO_LARGE`.
 */
export function foresee(fs: FileSystemReader, reserve: Reserve): Foreseen {
  const byPath = new Map<string, ForeseenFile>();
  for (const { path, room } of reserve.files) {
    const file = lookUp(fs, path, room);
    if ((byPath.get(file.path)?.room ?? -1) < room) byPath.set(file.path, file);
  }
  const files = [...byPath.values()];
  const unit = countingUnit(fs.identity.blockLength);
  const { directory, bytes } = reserve.newFiles ?? { directory: "/", bytes: 0 };
  const below = resolveExisting(fs, directory);
  if (below.stat.kind !== "directory") throw notDirectory(below.path);
  const filesDemand = files.reduce((sum, file) => sum + demandOf(file, unit), 0);
  checkLength(filesDemand + bytes);
  const rooms = files.reduce((sum, file) => sum + file.room, 0);
  const lacking = rooms + bytes - fs.freeBytes();
  if (lacking > 0) throw noSpace("what is foreseen", lacking);
  return {
    files,
    newFiles: {
      directory: below.path,
      bytes,
      count: Math.min(mostNewFiles, Math.floor(bytes / (2 * unit))),
    },
    slots: reserve.slots.map((path) => slotPath(fs, path)),
    filesDemand,
    missingNames: files.reduce((sum, file) => sum + file.missingNames, 0),
  };
}

function lookUp(fs: FileSystemReader, path: string, room: number): ForeseenFile {
  const place = resolvePath(fs, path);
  const whole = wholePath(place);
  if (place.stat === undefined) {
    return { path: whole, room, content: undefined, above: place.path, missingNames: place.missing.length };
  }
  checkIsFile(whole, place.stat);
  checkLength(place.stat.length);
  return { path: whole, room, content: fs.read(whole), above: parentOf(whole), missingNames: 0 };
}

function checkLength(length: number): void {
  if (length <= largestReserve) return;
  throw new BootfsError(
    "BOOTFS_TOO_LARGE",
    `the files that are foreseen come to ${length} bytes: at most ${largestReserve} can be rehearsed`,
    { length, limit: largestReserve },
  );
}

/** With what its map and its directories take, in whole units. */
function demandOf({ room, content, missingNames }: ForeseenFile, unit: number): number {
  const bytes = Math.max(room, content?.length ?? 0);
  const maps = 3 * unit + Math.ceil(bytes / 256);
  return roundUp(bytes, unit) + roundUp(maps, unit) + 2 * missingNames * unit;
}

function slotPath(fs: FileSystemReader, path: string): string {
  const place = resolveExisting(fs, path);
  checkIsFile(place.path, place.stat);
  return place.path;
}

/** A path beside others that nothing is at: of `length` bytes, or as many as it needs. */
export function unusedPath(directory: string, number: number, length: number): string {
  const name = `r${number.toString(36)}-rehearsal`;
  return joinPath(directory, nameOf(name).padEnd(length, "-rehearsal"));
}
