import { expandVariants, loadSpec } from "@bootstamp/variants";
import fc from "fast-check";
import { join } from "node:path";
import { expect, test } from "vitest";
import { complaints, head, scratch } from "./scratch.ts";

function specOf(table: string): string {
  return `${head}variants:\n  - { name: "v{{ row.n | default('0') }}", table: ${table} }\n`;
}

async function rowsOf(table: string, content: string | Uint8Array): Promise<Record<string, string>[]> {
  const spec = `${head}variants:\n  - { name: "v{{ row.n }}", table: ${table} }\n`;
  const loaded = await loadSpec(join(scratch({ "spec.yaml": spec, [table]: content }), "spec.yaml"));
  return expandVariants(loaded).map(({ bindings }) => Object.fromEntries(bindings.row));
}

test("CSV as RFC 4180 has it: quotes, doubled quotes, commas and line ends in fields, CRLF, BOM, no last line end", async () => {
  const text = '\uFEFFn,"a ""b""",c\r\n1, x ,\r\n\r\n2,"a,\r\nb","q""q"\n3,,""';
  expect(await rowsOf("t.csv", text)).toEqual([
    { n: "1", 'a "b"': " x ", c: "" },
    { n: "2", 'a "b"': "a,\r\nb", c: 'q"q' },
    { n: "3", 'a "b"': "", c: "" },
  ]);
});

test("a row's place is its line, also after a field of several lines", async () => {
  const table = 'n,x\n1,"a\nb"\n2,\n1,c\n';
  expect(await complaints(specOf("t.csv"), { "t.csv": table })).toEqual([
    't.csv:5:1: the variant "v1" is there already, at t.csv:2:1',
  ]);
});

test.each([
  ["", "t.csv:1:1: the table is empty: its first line names the columns"],
  ["\n\n", "t.csv:1:1: the table is empty: its first line names the columns"],
  ["n\n", "spec.yaml:4:13: the spec makes no variant at all"],
  ["n,n\n1,2\n", 't.csv:1:1: the column "n" is there twice'],
  ["n,\n1,2\n", "t.csv:1:1: a column has no name"],
  ["n, b\n1,2\n", 't.csv:1:1: the column " b" has spaces around its name'],
  ["n;b\n1;2\n", 't.csv:1:1: the column "n;b": fields are separated by commas'],
  ["n,b\n1,2\n3\n", "t.csv:3:1: the row has 1 fields, the header 2"],
  ["n,b\n1,2,3\n", "t.csv:2:1: the row has 3 fields, the header 2"],
  ['n\n"1\n', "t.csv:2:1: this quote does not end"],
  ['n\n1"2"\n', "t.csv:2:2: a quote inside a field: the whole field must stand in quotes"],
  ['n\n"1"2\n', 't.csv:2:4: "," or the end of the line is expected, got "2" after a closing quote'],
  ["n\n1\r2\n", 't.csv:2:2: "," or the end of the line is expected, got a CR without LF'],
  ["n\n1\0\n", "t.csv:2:2: a NUL character in a table"],
])("the CSV %j is refused", async (table, expected) => {
  expect(await complaints(specOf("t.csv"), { "t.csv": table })).toEqual([expected]);
});

test("JSON rows, their numbers as they are written", async () => {
  const text = '[{"n": 1.10, "b": "x\\u00e9\\n"}, {"n": 1e3, "b": true}, {"n": "0", "b": null}]';
  expect(await rowsOf("t.json", text)).toEqual([
    { n: "1.10", b: "xé\n" },
    { n: "1e3", b: "true" },
    { n: "0" },
  ]);
});

test("a value that a JSON row lacks is an error, unless a default stands in for it", async () => {
  const spec = `${head}variants:
  - name: "{{ row.n }}"
    table: t.json
    edits: [{ mkdir: "/{{ row.b | default('none') }}" }, { mkdir: "/{{ row.b }}" }]
`;
  expect(await complaints(spec, { "t.json": '[{"n":1,"b":2},{"n":3,"b":null},{"n":4}]' })).toEqual([
    'spec.yaml:6:69: row.b is absent here; | default("") would do (variant "3")',
  ]);
});

test.each([
  ["{}", "t.json:1:1: a JSON table is an array of objects"],
  ["[1]", "t.json:1:2: a row of a JSON table is an object"],
  ['[\n {"n":1},\n {"n":[1]}]', 't.json:3:7: "n" is no text, number, true or false'],
  ['[{"n":1,"n":2}]', "t.json:1:9: a key is twice in a JSON object"],
  ['[{"n":1}', 't.json:1:9: "," or "]" is expected in a JSON array'],
  ['[{"n" 1}]', 't.json:1:7: ":" is expected after a key in a JSON object'],
  ['[{"n":1 "b":2}]', 't.json:1:9: "," or "}" is expected in a JSON object'],
  ["[{n:1}]", `t.json:1:3: a key in '"' is expected in a JSON object`],
  ["[{}] x", "t.json:1:6: text after the end of the JSON value"],
  ['[{"n":"a\n"}]', "t.json:1:7: a JSON string does not end, or has a bad escape in it"],
  ['[{"n":"\\x"}]', "t.json:1:7: a JSON string does not end, or has a bad escape in it"],
  ["[nul]", "t.json:1:2: a JSON value is expected"],
  ["[01]", 't.json:1:3: "," or "]" is expected in a JSON array'],
  ["", "t.json:1:1: a JSON value is expected"],
  ["[".repeat(300), "t.json:1:202: JSON nested more than 200 levels deep"],
])("the JSON %j is refused", async (table, expected) => {
  expect(await complaints(specOf("t.json"), { "t.json": table })).toEqual([expected]);
});

test("a table is CSV or JSON, and only once", async () => {
  expect(await complaints(specOf("t.tsv"), { "t.tsv": "n\n" })).toEqual([
    'spec.yaml:4:51: a table is a .csv or a .json file, got "t.tsv"',
  ]);
  const both = `${head}variants:\n  - { name: a, table: t.csv, rows: [{ n: 1 }] }\n`;
  expect(await complaints(both, { "t.csv": "n\n1\n" })).toEqual([
    'spec.yaml:4:30: "table" and "rows": only one can be',
  ]);
});

const cells = fc.array(
  fc.array(fc.string({ unit: "grapheme", maxLength: 8 }), { minLength: 2, maxLength: 2 }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

test("what is written as CSV or JSON is read back", async () => {
  await fc.assert(
    fc.asyncProperty(cells, fc.constantFrom("\n", "\r\n"), async (rows, lineEnd) => {
      const clean = rows.map((row, n) => [String(n), ...row.map((cell) => cell.replaceAll("\0", ""))]);
      const csv = [
        "n,a,b",
        ...clean.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")),
      ];
      const expected = clean.map(([n = "", a = "", b = ""]) => ({ n, a, b }));
      expect(await rowsOf("t.csv", csv.join(lineEnd))).toEqual(expected);
      expect(await rowsOf("t.json", JSON.stringify(expected))).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test("any damage to a table is complained of in the table or does no harm", async () => {
  const sources = {
    "t.csv": 'n,a\n1,"x, ""y"""\n2,z\n',
    "t.json": '[{"n": 1, "a": "x\\"y"},\n {"n": 2.5, "a": null}]',
  };
  const change = fc.tuple(fc.nat(40), fc.constantFrom("", '"', ",", "\n", "\r", "\\", "{", "]", "\0", "é"));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("t.csv" as const, "t.json" as const),
      change,
      async (file, [at, what]) => {
        const table = sources[file].slice(0, at) + what + sources[file].slice(at + 1);
        const lines = await complaints(specOf(file), { [file]: table });
        for (const line of lines) expect(line).toMatch(/^(?:t\.csv|t\.json|spec\.yaml):\d+:\d+: /);
      },
    ),
    { numRuns: 80 },
  );
});
