// What an image is made by: the sources of this package, and of those of this repository that put images together.
import { globSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ownFolder = fileURLToPath(new URL("..", import.meta.url));

/** Only starts programs, which are not followed either. */
const notFollowed = "@bootstamp/witnesses";

/** All sources, with their paths, of the package in a folder and of the packages of this repository below it. */
export function sourceText(folder: string = ownFolder): string {
  return packageFolders(folder)
    .flatMap((each) => sourceFiles(each).map((file) => `${file}\0${readFileSync(join(each, file), "utf8")}`))
    .join("\0");
}

/** What a recipe is made of is not followed through its imports, but from package to package. */
function packageFolders(folder: string): string[] {
  const folders = new Set([folder]);
  // The set grows while it is gone through.
  for (const each of folders) for (const name of dependencies(each)) folders.add(folderOf(name, folder));
  return [...folders];
}

function dependencies(folder: string): string[] {
  const { dependencies: all = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.keys(all)
    .filter((name) => name.startsWith("@bootstamp/") && name !== notFollowed)
    .toSorted();
}

function folderOf(name: string, from: string): string {
  return realpathSync(join(from, "../node_modules", name));
}

function sourceFiles(folder: string): string[] {
  return globSync("src/**/*.ts", { cwd: folder }).toSorted();
}
