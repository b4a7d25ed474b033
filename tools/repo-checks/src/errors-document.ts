// Puts docs/ERRORS.md together from the errors.md of every package, and knows every code that the code can throw.
// Run with --write to bring the document up to date.
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "../../..");
export const errorsDocumentPath: string = join(root, "docs/ERRORS.md");

const intro = `# Errors

Every error has a code. On a terminal it is shown as one line and, where one helps, a hint; with \`--json\` as an object
with \`code\`, \`message\` and \`hint\`. Exit statuses: 0 done, 1 failed, 2 wrong usage or spec, 130 interrupted. After an
error nothing half-made bears a final name. Set \`BOOTSTAMP_DEBUG=1\` to see where in the program an error arose.

This page is put together from the packages' own tables by \`npm run docs\`; a test holds it against the code.
`;

const folders = globSync("{packages,apps}/*/package.json", { cwd: root })
  .map((path) => dirname(path))
  .toSorted();

/** The text that docs/ERRORS.md should have. */
export function errorsDocument(): string {
  const sections = folders
    .filter((folder) => existsSync(join(root, folder, "errors.md")))
    .map((folder) => `## ${folder.split("/")[1]}\n\n${readFileSync(join(root, folder, "errors.md"), "utf8").trim()}\n`);
  return [intro, ...sections].join("\n");
}

/** The codes in the first column of every table of `text`. */
export function documentedCodes(text: string): string[] {
  return [...text.matchAll(/^\| `?([A-Z][A-Z0-9_]+)`? +\|/gm)].map((match) => match[1] ?? "");
}

/** Every code in a list that a package exports under a name ending in `ErrorCodes`. */
export async function codesInCode(): Promise<string[]> {
  const modules: Record<string, unknown>[] = await Promise.all(
    folders.map((folder) => import(pathToFileURL(join(root, folder, "src/index.ts")).href)),
  );
  return modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) => (name.endsWith("ErrorCodes") && Array.isArray(value) ? value : [])),
  );
}

if (process.argv.includes("--write")) writeFileSync(errorsDocumentPath, errorsDocument());
