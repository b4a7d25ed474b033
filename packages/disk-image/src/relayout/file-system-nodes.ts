import type { FileSystemView } from "@bootstamp/bootfs";
import { DiskImageError } from "../disk-image-error.ts";
import type { TreeNode } from "../directory-tree.ts";

/** Bounds against directories that lead in a circle: far more than a boot partition has. */
const deepest = 64;
const mostNodes = 100_000;

/**
 * All files of a FAT, as those of a directory of this machine would be listed.
 * @throws DiskImageError `DISK_ENTRY_UNSUPPORTED` for directories without end; BootfsError.
 */
export function nodesOfView(view: FileSystemView): readonly TreeNode[] {
  const nodes: TreeNode[] = [];
  addBelow(nodes, view, "");
  return nodes;
}

/** When the newest file of a FAT was written, in seconds since 1970; 0 if there is none. */
export function newestTime(view: FileSystemView, nodes: readonly TreeNode[]): number {
  return nodes.reduce((latest, { path }) => Math.max(latest, view.stat(`/${path}`).modified), 0);
}

function addBelow(nodes: TreeNode[], view: FileSystemView, folder: string): void {
  const names = view.list(`/${folder}`).map(({ name }) => name);
  for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const { kind, length, mode } = view.stat(`/${path}`);
    nodes.push({ path, kind, length, mode, identity: path });
    if (nodes.length > mostNodes || path.split("/").length > deepest) {
      throw new DiskImageError(
        "DISK_ENTRY_UNSUPPORTED",
        `the FAT has more than ${mostNodes} files or directories ${deepest} deep, at ${JSON.stringify(path.slice(0, 80))}: maybe they lead in a circle`,
        { count: nodes.length },
      );
    }
    if (kind === "directory") addBelow(nodes, view, path);
  }
}
