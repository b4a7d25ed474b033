import type { TreeEntry } from "@bootstamp/bootfs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { BoundedCache } from "./bounded-cache.ts";
import { readOrdinaryFile, refuseUnreadable, type HostFiles, type HostPath } from "./host-files.ts";
import { specError, type SpecPosition } from "./spec-error.ts";

/** Enough for a /boot; a root file system is not stamped. */
const entryLimit = 20_000;
const contentLimit = 128 << 20;

type Tree = readonly TreeEntry[];

/** A tree is mostly the same for all variants of a spec. */
const trees = new WeakMap<HostFiles, BoundedCache<Tree>>();

interface Walk {
  readonly position: SpecPosition;
  readonly entries: TreeEntry[];
  length: number;
}

/**
 * A file or a tree of the host as the entries of a `copy-in`: parents first, names in the order of their bytes.
 *
 * Modes become what git keeps of them, 0755 for directories and executables, 0644 for the rest: those of a checkout
 * depend on its umask. Symbolic links inside the tree are copied as links, not followed.
 *
 * @throws SpecError SPEC_UNREADABLE (a socket, FIFO or device too), SPEC_PATH_OUTSIDE, SPEC_TOO_LARGE above 20,000
 * entries or 128 MiB, SPEC_VALUE for a name that is no UTF-8.
 */
export async function readHostTree(files: HostFiles, path: string, position: SpecPosition): Promise<Tree> {
  const host = await files.resolve(path, position);
  const kept = trees.get(files) ?? new BoundedCache<Tree>(contentLimit, contentLength);
  trees.set(files, kept);
  return kept.get(host.real, async () => {
    const walk: Walk = { position, entries: [], length: 0 };
    await addEntry(walk, host, "");
    return walk.entries;
  });
}

function contentLength(tree: Tree): number {
  return tree.reduce((sum, entry) => sum + (entry.kind === "file" ? entry.content.length : 0), 0);
}

async function addEntry(walk: Walk, host: HostPath, path: string): Promise<void> {
  if (walk.entries.length >= entryLimit)
    throw specError("SPEC_TOO_LARGE", walk.position, `copy-in of more than ${entryLimit} files`);
  const found = await lstat(host.real).catch((error: unknown) =>
    refuseUnreadable(walk.position, host.shown, error),
  );
  if (found.isDirectory()) await addDirectory(walk, host, path);
  else if (found.isSymbolicLink()) await addLink(walk, host, path);
  else await addFile(walk, host, path, (found.mode & 0o100) === 0 ? 0o644 : 0o755);
}

async function addDirectory(walk: Walk, host: HostPath, path: string): Promise<void> {
  walk.entries.push({ kind: "directory", path, mode: 0o755 });
  const names = await readdir(host.real).catch((error: unknown) =>
    refuseUnreadable(walk.position, host.shown, error),
  );
  const inByteOrder = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const name of inByteOrder) {
    refuseDamaged(walk, name, `the name ${join(host.shown, name)}`);
    const below = { real: join(host.real, name), shown: join(host.shown, name) };
    await addEntry(walk, below, path === "" ? name : `${path}/${name}`);
  }
}

async function addLink(walk: Walk, host: HostPath, path: string): Promise<void> {
  const target = await readlink(host.real).catch((error: unknown) =>
    refuseUnreadable(walk.position, host.shown, error),
  );
  refuseDamaged(walk, target, `the target of ${host.shown}`);
  walk.entries.push({ kind: "link", path, target });
}

/** What Node makes of bytes that are no UTF-8. */
function refuseDamaged(walk: Walk, name: string, what: string): void {
  if (name.includes("\uFFFD")) throw specError("SPEC_VALUE", walk.position, `${what} is no UTF-8`);
}

async function addFile(walk: Walk, host: HostPath, path: string, mode: number): Promise<void> {
  const content = await readOrdinaryFile(host, walk.position);
  walk.length += content.length;
  if (walk.length > contentLimit)
    throw specError("SPEC_TOO_LARGE", walk.position, `copy-in of more than ${contentLimit} bytes`);
  walk.entries.push({ kind: "file", path, content, mode });
}
