import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { run } from "@bootstamp/witnesses";

/** What a tool of others finds in a file system: path to content, a directory ends in a slash and has none. */
export type Tree = ReadonlyMap<string, string>;

/** Takes an ext file system apart with debugfs. */
export async function extractExt(image: string, folder: string): Promise<Tree> {
  emptyFolder(folder);
  await run("debugfs", ["-R", `rdump / ${folder}`, image]);
  return readTree(folder);
}

/** Takes a FAT file system apart with mtools. */
export async function extractFat(image: string, folder: string): Promise<Tree> {
  emptyFolder(folder);
  // Names with other letters than ASCII's come out only where the locale has them.
  const env = { MTOOLS_SKIP_CHECK: "1", LC_ALL: "C.UTF-8" };
  await run("mcopy", ["-s", "-m", "-i", image, "::/", folder], { env });
  return readTree(folder);
}

export function readTree(folder: string): Tree {
  const tree = new Map<string, string>();
  const visit = (path: string): void => {
    for (const name of readdirSync(folder + path)) {
      const here = `${path}/${name}`;
      const stat = lstatSync(folder + here);
      if (stat.isDirectory()) {
        if (here !== "/lost+found") tree.set(`${here}/`, "");
        visit(here);
      } else if (stat.isSymbolicLink()) tree.set(here, `-> ${readlinkSync(folder + here)}`);
      else tree.set(here, contentKey(readFileSync(folder + here)));
    }
  };
  visit("");
  return new Map([...tree].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A file as it is where it is short, else its length and digest, so that a failed comparison can be read. */
export function contentKey(content: Uint8Array): string {
  if (content.length <= 2048) return Buffer.from(content).toString("latin1");
  return `${content.length} bytes, ${createHash("sha256").update(content).digest("hex")}`;
}

function emptyFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
