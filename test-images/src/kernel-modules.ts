import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";

export interface KernelModule {
  readonly name: string;
  readonly path: string;
}

/**
 * Returns the modules of those names and all that they depend on, in the order in which they must be loaded. A name
 * that has no file is built into the kernel and left out.
 */
export async function modulesFor(folder: string, names: readonly string[]): Promise<KernelModule[]> {
  const entries = await readdir(folder, { recursive: true });
  const files = entries.filter((entry) => entry.endsWith(".ko")).map((entry) => join(folder, entry));
  const byName = new Map(files.map((path) => [moduleName(path), path]));
  const ordered = new Map<string, KernelModule>();
  const add = (name: string): void => {
    const path = byName.get(name);
    if (path === undefined || ordered.has(name)) return;
    for (const dependency of dependenciesOf(path)) add(dependency);
    ordered.set(name, { name, path });
  };
  for (const name of names) add(name);
  return [...ordered.values()];
}

/** The kernel takes - and _ for the same in a module's name. */
function moduleName(path: string): string {
  return basename(path, ".ko").replaceAll("-", "_");
}

/** Reads `depends=a,b` of the section .modinfo, which holds strings with a NUL behind each. */
function dependenciesOf(path: string): string[] {
  const [, list = ""] = /\0depends=([^\0]*)\0/.exec(readFileSync(path, "latin1")) ?? [];
  return list === "" ? [] : list.split(",").map((name) => name.replaceAll("-", "_"));
}
