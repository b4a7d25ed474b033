import { expandVariants, loadSpec, type VariantPlan } from "@bootstamp/variants";
import fc from "fast-check";
import { join } from "node:path";
import { expect, test } from "vitest";
import { complaints, head, scratch, type Files } from "./scratch.ts";

async function expand(spec: string, files: Files = {}): Promise<readonly VariantPlan[]> {
  return expandVariants(await loadSpec(join(scratch({ "spec.yaml": spec, ...files }), "spec.yaml")));
}

const names = (plans: readonly VariantPlan[]) => plans.map(({ name }) => name);

test("a plain variant is one, with the default name of its output", async () => {
  const [plan, ...others] = await expand(`${head}variants: [{ name: aws }]\n`);
  expect(others).toEqual([]);
  expect(plan).toMatchObject({ name: "aws", outputName: "aws.raw" });
  expect(plan?.outputs).toEqual(new Map([["gz", "aws.raw.gz"]]));
});

test("a table gives one variant a row, a matrix one a combination, both together their product", async () => {
  const plans = await expand(`${head}output: { name: "x-{{ variant }}" }
variants:
  - name: fixed
  - name: "{{ row.id }}-{{ matrix.arch }}-{{ matrix.cloud }}"
    rows: [{ id: 1 }, { id: 2 }]
    matrix: { arch: [x86_64, aarch64], cloud: [aws, gcp] }
    exclude:
      - { arch: aarch64, cloud: gcp }
`);
  expect(names(plans)).toEqual([
    "fixed",
    "1-x86_64-aws",
    "1-x86_64-gcp",
    "1-aarch64-aws",
    "2-x86_64-aws",
    "2-x86_64-gcp",
    "2-aarch64-aws",
  ]);
  expect(plans[1]?.outputName).toBe("x-1-x86_64-aws");
  expect(plans.map(({ position: { line, column } }) => [line, column]).slice(0, 3)).toEqual([
    [5, 11],
    [7, 12],
    [7, 12],
  ]);
});

test("an exclusion that names one key leaves out all that have its value", async () => {
  const plans = await expand(`${head}variants:
  - { name: "{{ matrix.a }}{{ matrix.b }}", matrix: { a: [1, 2], b: [3, 4] }, exclude: [{ a: 1 }] }
`);
  expect(names(plans)).toEqual(["23", "24"]);
});

test.each([
  ["{ a: 9 }", '"9" is no value of a in the matrix; known are: 1, 2'],
  ["{ b: 1 }", '"b" is no key in the matrix; known are: a'],
])("an exclusion %s that excludes nothing is refused", async (exclusion, expected) => {
  const spec = `${head}variants:\n  - { name: "{{ matrix.a }}", matrix: { a: [1, 2] }, exclude: [${exclusion}] }\n`;
  expect(await complaints(spec)).toEqual([`spec.yaml:4:69: ${expected}`]);
});

test("values of a variant stand before those of the spec", async () => {
  const plans = await expand(`${head}values: { a: 1, b: 2 }
variants: [{ name: "{{ values.a }}{{ values.b }}" }, { name: "{{ values.a }}{{ values.b }}", values: { b: 3 } }]
`);
  expect(names(plans)).toEqual(["12", "13"]);
});

test("two variants of one name, or of one output, are refused with both places", async () => {
  const spec = `${head}variants:
  - name: pi-2
  - { name: "pi-{{ row.id }}", table: t.csv }
`;
  expect(await complaints(spec, { "t.csv": "id\n1\n2\n1\n" })).toEqual([
    't.csv:3:1: the variant "pi-2" is there already, at spec.yaml:4:11',
    't.csv:4:1: the variant "pi-1" is there already, at t.csv:2:1',
  ]);
  expect(await complaints(`${head}output: { name: fcos }\nvariants: [{ name: a }, { name: b }]\n`)).toEqual([
    'spec.yaml:4:33: the output "fcos" is there already, at spec.yaml:4:20',
  ]);
});

test("two outputs that are one file where case does not count, or as Unicode, are refused", async () => {
  const message = "differ only in the case or form of letters: some file systems take them for one";
  expect(await complaints(`${head}variants: [{ name: Pi }, { name: pi }, { name: Pi2 }]\n`)).toEqual([
    `spec.yaml:3:34: the output "pi.raw" and "Pi.raw", at spec.yaml:3:20, ${message}`,
  ]);
  expect(await complaints(`${head}variants: [{ name: "\u00e9" }, { name: "e\u0301" }]\n`)).toEqual([
    expect.stringContaining(message),
  ]);
  const named = `${head}output: { name: "{{ variant | sha256 }}" }\nvariants: [{ name: Pi }, { name: pi }]\n`;
  expect(await complaints(named)).toEqual([]);
});

test.each([
  ["", "is empty"],
  ["../x", "has a slash in it: artifacts stand in the output folder itself"],
  ["/etc/x", "has a slash in it: artifacts stand in the output folder itself"],
  ["a\\b", "has a slash in it: artifacts stand in the output folder itself"],
  ["..", 'starts with "."'],
  [".hidden", 'starts with "."'],
  ["-rf", 'starts with "-"'],
  ["a\nb", "has a control character in it"],
  ["a\u0085b", "has a control character in it"],
  ["a\u202egz.war", "has a control character in it"],
  ["a.raw.gz", "ends in .gz, which is added by itself"],
  ["é".repeat(111), "has 225 bytes with its ending, at most 223 fit"],
])("the output name %j is refused", async (name, fault) => {
  const spec = `${head}output: { name: "{{ row.o }}" }\nvariants: [{ name: a, table: t.json }]\n`;
  const table = JSON.stringify([{ o: name }]);
  const [line, ...others] = await complaints(spec, { "t.json": table });
  expect(others).toEqual([]);
  expect(line?.replace(/".*"(?:\.\.\.)? (?=[a-z])/, "")).toBe(`t.json:1:2: the output name ${fault}`);
});

test.each([
  ["", "is empty"],
  [" a", "has spaces around it"],
  ["a\nb", "has a control character in it"],
  ["x".repeat(201), "has 201 characters, at most 200 fit"],
])("the variant name %j is refused", async (name, fault) => {
  const spec = `${head}variants: [{ name: "{{ row.n }}", table: t.json }]\n`;
  const [line, ...others] = await complaints(spec, { "t.json": JSON.stringify([{ n: name }]) });
  expect(others).toEqual([]);
  expect(line?.replace(/".*"(?:\.\.\.)? (?=[a-z])/, "")).toBe(`t.json:1:2: the variant name ${fault}`);
});

test("a name that lacks a value is complained of for each row that lacks it", async () => {
  const spec = `${head}variants: [{ name: "{{ row.n }}", table: t.json }]\n`;
  expect(await complaints(spec, { "t.json": '[{"n":1},\n{},\n{"m":2}]' })).toEqual([
    'spec.yaml:3:21: row.n is absent here; | default("") would do, for t.json:2:1',
    'spec.yaml:3:21: row.n is absent here; | default("") would do, for t.json:3:1',
  ]);
});

test("more variants than memory holds are refused before they are made", async () => {
  const list = `[${Array.from({ length: 100 }, (_, index) => index).join(", ")}]`;
  const matrix = `{ ${["a", "b", "c", "d", "e", "f"].map((key) => `${key}: ${list}`).join(", ")} }`;
  expect(await complaints(`${head}variants: [{ name: x, matrix: ${matrix} }]\n`)).toEqual([
    "spec.yaml:3:20: more than 100000 variants",
  ]);
});

test("there are as many variants as rows times combinations, all of different names", async () => {
  const axis = fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(axis, { maxLength: 3 }), axis, async (axes, rows) => {
      const keys = axes.map((values, index) => `k${index}: [${values.join(", ")}]`).join(", ");
      const name = `{{ row.r }}${axes.map((_, index) => `-{{ matrix.k${index} }}`).join("")}`;
      const list = rows.map((r) => `{ r: ${r} }`).join(", ");
      const plans = await expand(
        `${head}variants: [{ name: "${name}", rows: [${list}], matrix: { ${keys} } }]\n`,
      );
      expect(plans).toHaveLength(axes.reduce((count, { length }) => count * length, rows.length));
      expect(new Set(names(plans)).size).toBe(plans.length);
    }),
    { numRuns: 30 },
  );
});

test("twenty thousand rows are expanded", async () => {
  const table = `id\n${Array.from({ length: 20_000 }, (_, id) => `${id}\n`).join("")}`;
  const plans = await expand(`${head}variants: [{ name: "{{ row.id | pad(5) }}", table: t.csv }]\n`, {
    "t.csv": table,
  });
  expect(plans).toHaveLength(20_000);
  expect(plans.at(-1)).toMatchObject({ name: "19999", position: { line: 20_001, column: 1 } });
});
