import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory and those above it that are missing. Node's own way says "no such directory" where a file system
 * is read-only.
 * @returns the uppermost one that was made, undefined if all were there.
 * @throws the system's error of the one that could not be made, `EEXIST` if a file is there.
 */
export function makeDirectories(path: string, mode = 0o777): string | undefined {
  if (isDirectory(path)) return undefined;
  const above = dirname(path);
  const first = above === path ? undefined : makeDirectories(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another build may have been quicker.
    if (!isDirectory(path)) throw error;
    return first;
  }
  return first ?? path;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // A file in the midst of the path: making says so.
    return false;
  }
}
