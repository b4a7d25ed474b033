import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where administrators' tools live: an ordinary user's PATH on Debian lacks these folders. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The PATH that tools are looked for on and run with: the caller's, then the system folders. */
export function toolPath(path: string = process.env["PATH"] ?? ""): string {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return [...new Set([...folders, ...systemFolders])].join(delimiter);
}

/** Returns the full path of an executable, or undefined where there is none. A name with a slash is taken as it is. */
export function findTool(name: string, path?: string): string | undefined {
  if (name.includes("/")) return isExecutable(name) ? name : undefined;
  return toolPath(path)
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
