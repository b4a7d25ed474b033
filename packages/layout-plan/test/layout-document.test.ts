import { layoutJsonSchema, parseLayout } from "@bootstamp/layout-plan";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placesOf, plansOf } from "./layouts.ts";

const root = join(import.meta.dirname, "../../..");
const document = readFileSync(join(root, "docs/LAYOUT.md"), "utf8");

/** The part of JSON Schema that ours uses. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
  readonly description?: string;
}

interface Key {
  readonly path: string;
  readonly schema: Schema;
}

/** Every key below `schema`, as the document writes it. */
function keysOf(schema: Schema, path: string): readonly Key[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, below]) => {
    const key = `${path}.${name}`.replace(/^\./, "");
    return keyAndBelow(key, below);
  });
  const items = schema.items === undefined ? [] : keysOf(schema.items, `${path}[]`);
  return [...own, ...items, ...(schema.anyOf ?? []).flatMap((branch) => keysOf(branch, path))];
}

function keyAndBelow(path: string, below: Schema): readonly Key[] {
  return [{ path, schema: below }, ...keysOf(below, path)];
}

const schema = layoutJsonSchema() as Schema;
const keys = keysOf(schema, "");

/** The rows of the table: the key, and the last cell. */
const rows = [...document.matchAll(/^\| `([a-z[\].-]+)` +\|.*$/gm)].map(([line, path = ""]) => ({
  path,
  last: (line.split("|").at(-2) ?? "").trim(),
}));

test("every key of the schema has its row, and no row is about anything else", () => {
  expect(keys.length).toBeGreaterThan(35);
  expect(rows.map(({ path }) => path).toSorted()).toEqual(keys.map(({ path }) => path).toSorted());
});

test("defaults are those of the schema", () => {
  for (const { path, schema: key } of keys) {
    const stated = rows.find((row) => row.path === path)?.last ?? "no row";
    const coded = key.default === undefined ? wordsOnly(stated) : `\`${JSON.stringify(key.default)}\``;
    expect(`${path}: ${stated}`).toBe(`${path}: ${coded}`);
  }
});

/** What the document may say of a key without a default in the schema: words, no value. */
function wordsOnly(stated: string): string {
  return /^`[^`]*`$/.test(stated) || stated === "no row" ? "words" : stated;
}

test("every key of the schema is described, for editors", () => {
  const without = keys.filter(({ schema: { description = "" } }) => !description.endsWith("."));
  expect(without.map(({ path }) => path)).toEqual([]);
});

test("the shipped schema is that of the code", () => {
  // else: write JSON.stringify(layoutJsonSchema()) there, and format it
  const shipped = JSON.parse(readFileSync(join(root, "packages/layout-plan/layout.schema.json"), "utf8"));
  expect(shipped).toEqual(JSON.parse(JSON.stringify(schema)));
});

test("the names of attributes are those of the code", () => {
  const row = /^\| `partitions\[\]\.attributes` .*$/m.exec(document)?.[0] ?? "";
  const documented = [...row.matchAll(/`([a-z-]+)` \(/g)].map(([, name]) => name);
  const coded = keys.find(({ path }) => path === "partitions[].attributes")?.schema.items?.anyOf?.[0];
  expect(documented).toEqual((coded as { readonly enum: readonly string[] }).enum);
});

test("the example of the document is planned as the document says", () => {
  const [, text = ""] = /^```yaml\n([^]*?)^```$/m.exec(document) ?? [];
  const facts = { contentLength: () => 100 << 20, storedAlignment: 128 << 10 };
  const plans = plansOf(parseLayout("layout.yaml", text), facts);
  expect(plans.map(({ table }) => table.sectorLength)).toEqual([512, 4096]);
  for (const plan of plans) {
    expect(placesOf(plan)).toEqual([
      "1 BIOS-BOOT 1M+1M",
      "2 esp 2M+127M",
      "3 boot 129M+104M",
      "4 root 233M+1814M",
    ]);
    expect(plan.notes).toEqual([]);
  }
});
