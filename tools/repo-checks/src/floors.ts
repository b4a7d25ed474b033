// Checks that every package imports only packages of ours that it declares, and only from lower floors; and of others no
// file by its path. Its argument is the repository's root; default: the working directory.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

interface Manifest {
  name: string;
  floor?: number;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const root = process.argv[2] ?? ".";
const scope = "@bootstamp/";

function readManifest(path: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, path), "utf8"));
  return manifest;
}

/** What a source imports, exports from elsewhere, or loads as it runs. */
function specifiersIn(file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  return [...source.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, specifier = ""]) => specifier);
}

/** Whether a relative specifier leads out of the package's folder. */
function leadsOut(specifier: string, file: string, folder: string): boolean {
  return specifier.startsWith(".") && relative(folder, join(dirname(file), specifier)).startsWith("..");
}

function packageOf(specifier: string): string {
  return specifier.split("/").slice(0, 2).join("/");
}

const members = globSync("{packages,apps}/*/package.json", { cwd: root }).map((path) => ({
  folder: dirname(path),
  manifest: readManifest(path),
}));
const floorOf = new Map(members.map(({ manifest }) => [manifest.name, manifest.floor ?? -1]));
const faults: string[] = [];

for (const { folder, manifest } of members) {
  const declared = Object.keys(manifest.dependencies ?? {});
  const declaredForTests = [manifest.name, ...declared, ...Object.keys(manifest.devDependencies ?? {})];
  for (const name of declared.filter((each) => each.startsWith(scope))) {
    if ((floorOf.get(name) ?? Infinity) >= (manifest.floor ?? -1))
      faults.push(`${manifest.name} may not depend on ${name}: not a lower floor`);
  }
  for (const file of globSync(`${folder}/{src,test,bench}/**/*.ts`, { cwd: root })) {
    const allowed = file.startsWith(`${folder}/src`) ? declared : declaredForTests;
    for (const specifier of specifiersIn(file)) {
      if (leadsOut(specifier, file, folder))
        faults.push(`${file}: imports ${specifier}, outside of its package`);
      const name = packageOf(specifier);
      if (name.startsWith(scope) && !allowed.includes(name))
        faults.push(`${file}: imports ${name}, which ${folder}/package.json does not declare`);
    }
  }
}

for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
