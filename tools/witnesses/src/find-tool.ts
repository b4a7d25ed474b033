import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where administrators' tools live: an ordinary user's PATH on Debian lacks these folders. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The PATH that tools are looked for on and run with: the caller's, then the system folders. */
export function toolPath(path: string = process.env["PATH"] ?? ""): string {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return [...new Set([...folders, ...systemFolders])].join(delimiter);
}

/**
 * Returns the full path of an executable, or undefined where there is none. A path is taken as it is and need not be
 * executable: a test may need a file.
 */
export function findTool(name: string, path?: string): string | undefined {
  if (name.includes("/")) return isFile(name, constants.R_OK) ? name : undefined;
  return toolPath(path)
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((candidate) => isFile(candidate, constants.X_OK));
}

function isFile(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
