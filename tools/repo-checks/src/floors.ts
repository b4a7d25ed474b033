// Checks that every package imports only packages of ours that it declares, and only from lower floors.
import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

interface Manifest {
  name: string;
  floor?: number;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const scope = "@bootstamp/";
function readManifest(path: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(path, "utf8"));
  return manifest;
}

const members = globSync("{packages,apps}/*/package.json").map((path) => ({
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
  for (const file of globSync(`${folder}/{src,test,bench}/**/*.ts`)) {
    const allowed = file.startsWith(`${folder}/src`) ? declared : declaredForTests;
    for (const [, name = ""] of readFileSync(file, "utf8").matchAll(/from "(@bootstamp\/[^/"]+)/g)) {
      if (!allowed.includes(name))
        faults.push(`${file}: imports ${name}, which ${folder}/package.json does not declare`);
    }
  }
}

for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
