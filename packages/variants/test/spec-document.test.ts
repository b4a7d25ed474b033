import { expandVariants, loadSpec, renderVariant, specJsonSchema } from "@bootstamp/variants";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { complaints, head, scratch } from "./scratch.ts";

const root = join(import.meta.dirname, "../../..");
const document = readFileSync(join(root, "docs/SPEC.md"), "utf8");

/** The part of JSON Schema that ours uses. */
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
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
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, below]) =>
    keyAndBelow(`${path}.${name}`, below),
  );
  const items = schema.items === undefined ? [] : keysOf(schema.items, `${path}[]`);
  const values = schema.additionalProperties ? keysOf(schema.additionalProperties, `${path}.*`) : [];
  return [...own, ...items, ...values, ...(schema.anyOf ?? []).flatMap((branch) => keysOf(branch, path))];
}

function keyAndBelow(path: string, below: Schema): readonly Key[] {
  const key = path.replace(/^\./, "");
  return [{ path: key, schema: below }, ...keysOf(below, key)];
}

const schema = specJsonSchema() as Schema & { readonly $defs: { readonly edit: Schema } };
const verbs = keysOf(schema.$defs.edit, "");
const keys = [...keysOf(schema, ""), ...verbs.filter(({ path }) => path.includes("."))];

/** The rows of all tables: the keys in the first cell, and the last cell. */
const rows = [...document.matchAll(/^\| (`[a-z-]+[^|]*`) +\|.*$/gm)].map(([line, first = ""]) => ({
  paths: [...first.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path),
  last: (line.split(/(?<!\\)\|/).at(-2) ?? "").trim(),
}));

test("every key of the schema has its row, and no row is about anything else", () => {
  expect(keys.length).toBeGreaterThan(80);
  const documented = rows.flatMap(({ paths }) => paths).filter((path) => !isOther(path));
  expect(documented.toSorted()).toEqual(keys.map(({ path }) => path).toSorted());
});

/** Names and functions of templates, and the keys of contents, have tables of their own. */
function isOther(path: string): boolean {
  const others = [
    "variant",
    "row.column",
    "matrix.name",
    "values.name",
    "secret.name",
    "content",
    "file",
    "template",
  ];
  return others.includes(path) || path.includes("(") || functions.includes(path);
}

const functions = [
  "lower",
  "upper",
  "trim",
  "default",
  "replace",
  "pad",
  "indent",
  "slug",
  "json",
  "base64",
  "sha256",
];

test("defaults are those of the schema", () => {
  for (const {
    path,
    schema: { default: value },
  } of keys) {
    const stated = rows.find(({ paths }) => paths.includes(path))?.last;
    expect(`${path}: ${stated}`).toBe(
      `${path}: ${value === undefined ? statedWithoutSchema(stated) : `\`${JSON.stringify(value)}\``}`,
    );
  }
});

/** What the document may say of a key that has no default in the schema. */
function statedWithoutSchema(stated: string = "no row"): string {
  return /^(?:|needed|none|not checked|found by .*|0.*|`.*|only .*)$/.test(stated)
    ? stated
    : "something else";
}

test("every verb has its heading", () => {
  const headings = [...document.matchAll(/^### (.*)$/gm)].flatMap(([, heading = ""]) => heading.split(", "));
  expect(headings.toSorted()).toEqual(
    verbs
      .map(({ path }) => path)
      .filter((path) => !path.includes("."))
      .toSorted(),
  );
});

test("the functions of templates are those of the code", async () => {
  const [line = ""] = await complaints(`${head}variants: [{ name: "{{ 'a' | xxxxxxxx }}" }]\n`);
  expect(/known are: (.*)$/.exec(line)?.[1]?.split(", ")).toEqual(functions);
  for (const name of functions) expect(document).toMatch(new RegExp(`^\\|.*\`${name}[\`(].*\\|`, "m"));
});

test("every key of the schema is described, for editors", () => {
  expect(
    keys.filter(({ schema: { description = "" } }) => !description.endsWith(".")).map(({ path }) => path),
  ).toEqual([]);
});

test("the shipped schema is that of the code", () => {
  // else: write JSON.stringify(specJsonSchema()) there, and format it
  const shipped = JSON.parse(readFileSync(join(root, "packages/variants/spec.schema.json"), "utf8"));
  expect(shipped).toEqual(JSON.parse(JSON.stringify(schema)));
});

test("the examples of the document are good specs", async () => {
  const blocks = [...document.matchAll(/^```(\w+) ?(\S*)\n([^]*?)^```$/gm)];
  const files = blocks.filter(([, , name]) => name !== "").map(([, , name = "", text = ""]) => [name, text]);
  const specs = blocks.filter(([, language]) => language === "yaml").map(([, , , text = ""]) => text);
  const outputs: (readonly string[])[] = [];
  for (const spec of specs) {
    const folder = scratch({ ...Object.fromEntries(files), "spec.yaml": spec });
    const loaded = await loadSpec(join(folder, "spec.yaml"), { environment: { WIFI_PSK: "x" } });
    const plans = expandVariants(loaded);
    for (const plan of plans) await renderVariant(loaded, plan);
    outputs.push(plans.map((plan) => plan.outputs.get("gz") ?? ""));
  }
  expect(outputs).toEqual([
    ["fcos-aws.raw.gz", "fcos-pi-0012.raw.gz", "fcos-pi-0013.raw.gz"],
    ["debian-aws-serial.img.gz", "debian-gcp-serial.img.gz"],
    ["plain.raw.gz"],
    ["plain.raw.gz"],
  ]);
  for (const name of outputs[0] ?? []) expect(document).toContain(`\`out/${name}\``);
});
