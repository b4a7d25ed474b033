import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { FileTree } from "./file-tree.ts";

/** What FAT does not allow in a name, and a name that ends in what it would drop. */
const unfit = /["*:<>?\\|]|[. ]$/;

/**
 * Collects files under a folder in the order of their paths until they come to `limit` bytes. Links, hidden folders and
 * names that FAT would refuse or confuse are left out.
 */
export function collectFiles(folder: string, limit: number): FileTree {
  const tree: Record<string, { readonly hostPath: string }> = {};
  let left = limit;
  for (const path of filesUnder(folder, "")) {
    const hostPath = join(folder, path);
    const { size } = lstatSync(hostPath);
    if (size > left) continue;
    tree[path] = { hostPath };
    left -= size;
  }
  return tree;
}

function filesUnder(folder: string, prefix: string): string[] {
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true });
  const fit = entries.filter(({ name }) => !name.startsWith(".") && !unfit.test(name));
  const sorted = fit.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  // FAT does not tell README from readme.
  const first = new Map(sorted.toReversed().map((entry) => [entry.name.toLowerCase(), entry]));
  return sorted
    .filter((entry) => first.get(entry.name.toLowerCase()) === entry)
    .flatMap((entry) => {
      const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) return filesUnder(folder, path);
      return entry.isFile() ? [path] : [];
    });
}
