import { BootfsError } from "./bootfs-error.ts";
import type { FileStat, FileSystemReader } from "./file-system.ts";
import { joinPath, namesOf, parentOf, splitPath } from "./path.ts";

/** Where a path leads. */
export interface Place {
  /** Canonical: of what is there, or of the last directory on the way that is. */
  readonly path: string;
  /** The names from there on that lead to nothing; empty if something is there. */
  readonly missing: readonly string[];
  /** What is there; undefined if names are missing. */
  readonly stat: FileStat | undefined;
}

/** As many as Linux follows (path_resolution(7)). */
const linkLimit = 40;

/**
 * Follows a path through links inside the file system. An absolute target starts at its root, and `..` stays there.
 * @param followLast whether a link at the very end is followed, too.
 * @throws BootfsError `BOOTFS_NAME` for a path that is not absolute, `BOOTFS_LINK_LOOP`, `BOOTFS_NOT_DIRECTORY` for a
 *   file in the midst.
 */
export function resolvePath(fs: FileSystemReader, path: string, followLast = true): Place {
  const pending = splitPath(path);
  let current = "/";
  for (let links = 0; ;) {
    const name = pending.shift();
    if (name === undefined) return { path: current, missing: [], stat: fs.stat(current) };
    if (name === "..") {
      current = parentOf(current);
      continue;
    }
    const asked = joinPath(current, name);
    const stat = fs.stat(asked);
    if (stat === undefined) return { path: current, missing: checkedMissing(path, [name, ...pending]), stat };
    const here = joinPath(current, stat.name);
    if (stat.kind === "link" && (followLast || pending.length > 0)) {
      if (++links > linkLimit) throw loop(path, here);
      const target = fs.readLink(here);
      if (target.startsWith("/")) current = "/";
      pending.unshift(...namesOf(target));
      continue;
    }
    if (stat.kind !== "directory" && pending.length > 0) throw notDirectory(here);
    current = here;
  }
}

/** {@link resolvePath}, where nothing there is an error. @throws BootfsError `BOOTFS_NOT_FOUND`. */
export function resolveExisting(
  fs: FileSystemReader,
  path: string,
  followLast = true,
): Place & { readonly stat: FileStat } {
  const { path: found, missing, stat } = resolvePath(fs, path, followLast);
  if (stat === undefined) throw notFound(path, joinPath(found, missing[0] ?? ""));
  return { path: found, missing, stat };
}

/** @param lacking the part of the path that is not there. */
export function notFound(path: string, lacking: string): BootfsError {
  const where = lacking === path ? "" : `: there is no ${lacking}`;
  return new BootfsError("BOOTFS_NOT_FOUND", `cannot find ${path}${where}`, { path });
}

export function notDirectory(path: string): BootfsError {
  return new BootfsError("BOOTFS_NOT_DIRECTORY", `${path} is no directory`, { path });
}

/** The path that a place stands for, whether something is there or not. */
export function wholePath({ path, missing }: Place): string {
  return missing.reduce(joinPath, path);
}

function checkedMissing(path: string, missing: readonly string[]): readonly string[] {
  if (missing.includes("..")) throw notFound(path, missing.slice(0, missing.indexOf("..")).join("/"));
  return missing;
}

function loop(path: string, link: string): BootfsError {
  return new BootfsError(
    "BOOTFS_LINK_LOOP",
    `cannot follow ${path}: more than ${linkLimit} links, the last is ${link}`,
    {
      path,
      link,
    },
  );
}
