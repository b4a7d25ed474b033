import { readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ProgramError } from "../../program-error.ts";
import { readFileBytes } from "../../read-file-bytes.ts";
import {
  importRepart,
  importSfdisk,
  parseLayout,
  type Layout,
  type RepartFile,
} from "@bootstamp/layout-plan";

export interface LayoutFile {
  readonly layout: Layout;
  /** What paths in it are relative to. */
  readonly directory: string;
}

/** A layout file is text for people to write. */
const longest = 1 << 20;

/**
 * Reads a layout: a YAML file, a directory of repart.d definitions, or what `sfdisk --dump` printed.
 * @throws LayoutPlanError; ProgramError `USAGE_ARGUMENT` for what cannot be read.
 */
export function readLayoutFile(path: string, architecture: string | undefined): LayoutFile {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false) {
    const files = repartFiles(path);
    const options = architecture === undefined ? {} : { architecture };
    return { layout: importRepart(files, options), directory: resolve(path) };
  }
  const text = readText(path);
  const directory = dirname(resolve(path));
  // The first line of a dump; in YAML it would be a key that no layout has.
  const isDump = /^label:\s/.test(text);
  return { layout: isDump ? importSfdisk(path, text) : parseLayout(path, text), directory };
}

function repartFiles(directory: string): RepartFile[] {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".conf"))
    .map((path) => join(directory, path))
    .filter((path) => statSync(path).isFile());
  if (paths.length === 0) {
    throw new ProgramError("USAGE_ARGUMENT", `${directory} has no definitions: no file ends in .conf`, {
      path: directory,
    });
  }
  return paths.map((path) => ({ path, text: readText(path) }));
}

function readText(path: string): string {
  return Buffer.from(readFileBytes(path, longest)).toString("utf8");
}
