// Puts docs/ERRORS.md and docs/FORMAT.md together from the packages' own errors.md and FORMAT.md, so that a fact is
// written once, beside the code it is about. Run with --write to bring the documents up to date.
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "../../..");

const errorsIntro = `# Errors

Every error has a code. A terminal shows its message and, where one helps, a hint; \`--json\` gives an object with
\`code\`, \`message\` and \`hint\`. Exit statuses: 0 done, 1 failed, 2 wrong usage or spec, 130 interrupted. After an
error nothing half-made bears a final name. Set \`BOOTSTAMP_DEBUG=1\` to see where in the program an error arose.

This page is put together from the packages' own tables by \`npm run docs\`; a test holds it against the code.
`;

const formatIntro = `# Formats

What is inside a stampable image, for each stream format. An artifact has the same format: stamping changes bytes where
they stand. Versions of a format count on their own; a reader refuses a version that it does not know.

This page is put together from the packages' own documents by \`npm run docs\`.
`;

const folders = globSync("{packages,apps}/*/package.json", { cwd: root })
  .map((path) => dirname(path))
  .toSorted();

/** One document of docs/: where it is, and what it should say. */
export interface CollectedDocument {
  readonly path: string;
  readonly text: string;
}

export function errorsDocument(): CollectedDocument {
  const sections = partsNamed("errors.md").map(
    ({ folder, text }) => `## ${folder.split("/")[1]}\n\n${text}\n`,
  );
  return { path: join(root, "docs/ERRORS.md"), text: [errorsIntro, ...sections].join("\n") };
}

export function formatDocument(): CollectedDocument {
  const sections = partsNamed("FORMAT.md").map(({ text }) => `${text}\n`);
  return { path: join(root, "docs/FORMAT.md"), text: [formatIntro, ...sections].join("\n") };
}

function partsNamed(name: string): { folder: string; text: string }[] {
  return folders
    .map((folder) => ({ folder, path: join(root, folder, name) }))
    .filter(({ path }) => existsSync(path))
    .map(({ folder, path }) => ({ folder, text: readFileSync(path, "utf8").trim() }));
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
    Object.entries(module).flatMap(([name, value]) =>
      name.endsWith("ErrorCodes") && Array.isArray(value) ? value : [],
    ),
  );
}

/** The JSON Schemas of specs and layouts that editors use. Tests of their packages hold them against the code. */
async function schemas(): Promise<CollectedDocument[]> {
  const variants: { specJsonSchema(): object } = await importPackage("variants");
  const layoutPlan: { layoutJsonSchema(): object } = await importPackage("layout-plan");
  return [
    schemaDocument("packages/variants/spec.schema.json", variants.specJsonSchema()),
    schemaDocument("packages/layout-plan/layout.schema.json", layoutPlan.layoutJsonSchema()),
  ];
}

async function importPackage<Module>(name: string): Promise<Module> {
  const module: Module = await import(pathToFileURL(join(root, `packages/${name}/src/index.ts`)).href);
  return module;
}

function schemaDocument(path: string, schema: object): CollectedDocument {
  return { path: join(root, path), text: `${JSON.stringify(schema, undefined, 2)}\n` };
}

if (process.argv.includes("--write")) {
  for (const { path, text } of [errorsDocument(), formatDocument(), ...(await schemas())])
    writeFileSync(path, text);
}
