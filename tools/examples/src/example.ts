import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../examples", import.meta.url));

/** The path of an example, or of a file of it. */
export function examplePath(...names: readonly string[]): string {
  return join(root, ...names);
}

export function exampleText(...names: readonly string[]): string {
  return readFileSync(examplePath(...names), "utf8");
}
