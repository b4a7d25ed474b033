import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { DiskImageError } from "./disk-image-error.ts";

/** One thing below a directory of this machine. */
export interface TreeNode {
  /** Relative, with `/` between names. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link" | "other";
  /** Bytes of a file, or of a link's target. */
  readonly length: number;
  /** Permission bits, 0..0o7777. */
  readonly mode: number;
  /** The same for the names of one file, if it has several. */
  readonly identity: string;
}

/**
 * All that is below `directory`, which itself may be a link; other links are not followed. Parents come before
 * children, siblings in the order of their names' UTF-16 units.
 * @throws DiskImageError `DISK_CONTENT_UNREADABLE`.
 */
export async function readTree(directory: string): Promise<readonly TreeNode[]> {
  const nodes: TreeNode[] = [];
  try {
    await readInto(nodes, directory, "");
  } catch (error) {
    throw unreadable(directory, error);
  }
  return nodes;
}

/** Says why something of this machine cannot be read. */
export function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  return new DiskImageError(
    "DISK_CONTENT_UNREADABLE",
    `cannot read ${path}: ${error.message}`,
    { path },
    { cause: error },
  );
}

async function readInto(nodes: TreeNode[], root: string, folder: string): Promise<void> {
  const names = await readdir(join(root, folder));
  for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const node = await readNode(root, path);
    nodes.push(node);
    if (node.kind === "directory") await readInto(nodes, root, path);
  }
}

async function readNode(root: string, path: string): Promise<TreeNode> {
  const whole = join(root, path);
  const stats = await lstat(whole);
  const kind = stats.isFile()
    ? "file"
    : stats.isDirectory()
      ? "directory"
      : stats.isSymbolicLink()
        ? "link"
        : "other";
  const length = kind === "link" ? Buffer.byteLength(await readlink(whole)) : stats.size;
  return { path, kind, length, mode: stats.mode & 0o7777, identity: `${stats.dev}:${stats.ino}` };
}
