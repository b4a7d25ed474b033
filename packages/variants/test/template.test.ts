import { expect, test } from "vitest";
import { complaints, contentOf, head, linePattern, render } from "./scratch.ts";

test.each([
  ['no template at all } {{ "}}" }}', "no template at all } }}"],
  ["{{variant}}|{{ variant }}|{{\n  variant\n}}", "pi|pi|pi"],
  ['{{ "{{" }} variant }}', "{{ variant }}"],
  ["{{ '{{' }}", "{{"],
  ['{{ "a\\n\\u00e9" }}', "a\né"],
  ["${{ variant }} {# x #} {% y %}", "$pi {# x #} {% y %}"],
  ["{{ variant | upper | lower }}", "pi"],
  ['{{ " x " | trim }}', "x"],
  ['{{ "" | default("none") }} {{ "a" | default("none") }}', "none a"],
  ['{{ "b8:27:eb" | replace(":", "") }} {{ "aaa" | replace("aa", "b") }}', "b827eb ba"],
  ['{{ "7" | pad(3) }} {{ "7" | pad(3, "x") }} {{ "1234" | pad(3) }}', "007 xx7 1234"],
  ['{{ "a\\n\\nb\\n" | indent(2) }}|', "a\n\n  b\n|"],
  ['{{ "  Über-Gerät #7 (alt) " | slug }} {{ "--" | slug }}', "uber-gerat-7-alt "],
  ['{{ "say \\"hi\\"\\n" | json }}', '"say \\"hi\\"\\n"'],
  ['{{ "häh" | base64 }} {{ "" | base64 }}', "aMOkaA== "],
  ['{{ "abc" | sha256 }}', "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
])("%j comes to %j", async (template, expected) => {
  expect(await contentOf(template)).toBe(expected);
});

test("a slug is a host name label of 63 at most, without a hyphen at its ends", async () => {
  expect(await contentOf(`{{ "${"a".repeat(62)}-b" | slug }}`)).toBe("a".repeat(62));
});

test("columns with other names stand in brackets", async () => {
  expect(
    await contentOf(`{{ row["Serial No"] }} {{ row['id'] }}`, `    rows: [{ "Serial No": 7, id: 8 }]\n`),
  ).toBe("7 8");
});

test("what is put in is not looked at again", async () => {
  const [variant] = await render(
    `${head}variants:\n  - name: a\n    table: t.csv\n    edits: [{ write: { path: /f, content: "{{ row.x }}" } }]\n`,
    { "t.csv": "x\n{{ variant }}\n" },
  );
  expect(variant?.edits[0]).toMatchObject({ content: new TextEncoder().encode("{{ variant }}") });
});

test.each([
  ["{{ variant", `t:1:1: "{{" without "}}"; a literal "{{" is written {{ "{{" }}`],
  ["a\n  {{ }}", `t:2:3: after "{{" a name or a "string" is expected; a literal "{{" is written {{ "{{" }}`],
  ["{{ variant variant }}", `t:1:12: in a template "}}" or "|" is expected, got "v"`],
  ["{{ variant | }}", `t:1:14: in a template a function after "|" is expected, got "}"`],
  ["{{ variant | uper }}", `t:1:14: unknown function "uper", did you mean "upper"?`],
  ["{{ variant | eval }}", /t:1:14: unknown function "eval"; known are: lower, upper, trim, default, /],
  ["{{ variant | pad }}", `t:1:14: the function "pad" is written pad(width) or pad(width, "0")`],
  ["{{ variant | pad(1000) }}", /the function "pad" is written .*, with a number from 0 to 256/],
  ['{{ variant | pad(3, "00") }}', /with one character/],
  [
    '{{ variant | replace("", "x") }}',
    /the function "replace" is written replace\("old", "new"\), with text/,
  ],
  ["{{ variant | lower(1) }}", /the function "lower" is written lower/],
  ["{{ variant | pad(3 }}", `t:1:20: in a template "," or ")" is expected, got "}"`],
  ["{{ variant | pad(x) }}", `t:1:18: in a template a "string" or a number is expected, got "x"`],
  ['{{ "\\q" }}', "t:1:4: a string in a template is written as in JSON"],
  ["{{ row.x }}", `t:1:1: unknown name "row.x": this variant has no "table" or "rows"`],
  ["{{ matrix.x }}", `t:1:1: unknown name "matrix.x": this variant has no "matrix"`],
  [
    "{{ values.spede }}",
    `t:1:1: unknown name "values.spede": "spede" is not in values, did you mean "speed"?`,
  ],
  ["{{ speed }}", `t:1:1: unknown name "speed", did you mean "values.speed"?`],
  ["{{ values }}", `t:1:1: a name below "values" is written values.name`],
  ["{{ values.speed.x }}", `t:1:1: a name below "values" is written values.name`],
  ["{{ variant.x }}", `t:1:1: "variant" has no parts`],
  ["{{ env.HOME }}", /unknown name "env.HOME"; known are: variant, values.speed/],
  ["{{ constructor }}", /unknown name "constructor"/],
  ["{{ values.constructor }}", /"constructor" is not in values/],
  ["{{ secret.x }}", `t:1:1: unknown name "secret.x": "x" is not in secret`],
])("%j is refused", async (template, expected) => {
  const spec = `${head}values: { speed: 1 }\nvariants: [{ name: pi, edits: [{ write: { path: /f, template: t } }] }]\n`;
  const line = linePattern(expected, "", ' (variant "pi")');
  expect(await complaints(spec, { t: template })).toEqual([expect.stringMatching(line)]);
});

test("every expression that is wrong is complained of, up to twenty", async () => {
  const spec = `${head}variants: [{ name: pi, edits: [{ write: { path: /f, template: t } }] }]\n`;
  expect(await complaints(spec, { t: "{{ a | b }}\n{{ c | d }}\n" })).toHaveLength(2);
  expect(await complaints(spec, { t: "{{ ".repeat(100_000) + "}}" })).toHaveLength(20);
});

test("the name of a variant cannot use itself", async () => {
  expect(await complaints(`${head}variants: [{ name: "{{ variant }}" }]\n`)).toEqual([
    'spec.yaml:3:21: "variant" is not known yet where its name is made',
  ]);
});

test("values, rows and matrices are no templates, and say so", async () => {
  const spec = `${head}values: { a: "x-{{ variant }}" }
variants:
  - name: a
    values: { b: "{{ x }}" }
    rows: [{ c: "{{ x }}" }]
    matrix: { d: ["{{ x }}"] }
`;
  const why = `templates are not expanded in values, rows and matrices: "{{" cannot be here`;
  expect(await complaints(spec)).toEqual([
    `spec.yaml:3:17: ${why}`,
    `spec.yaml:6:19: ${why}`,
    `spec.yaml:7:18: ${why}`,
    `spec.yaml:8:20: ${why}`,
  ]);
});

test("shared edits that use a table are refused for the variants that have none", async () => {
  const spec = `${head}edits: [{ mkdir: "/{{ row.id }}" }]
variants: [{ name: "{{ row.id }}", rows: [{ id: 1 }] }, { name: b }]
`;
  expect(await complaints(spec)).toEqual([
    'spec.yaml:3:20: unknown name "row.id": this variant has no "table" or "rows"',
  ]);
});

test("filters cannot blow a value up", async () => {
  const spec = `${head}variants: [{ name: pi, edits: [{ write: { path: /f, template: t } }] }]\n`;
  const grown = `{{ "aa"${` | replace("a", "${"a".repeat(256)}")`.repeat(4)} }}`;
  expect(await complaints(spec, { t: grown })).toEqual([
    't:1:1: a value above 1048576 characters (variant "pi")',
  ]);
  const lines = `{{ "x" | replace("x", "${"\\n".repeat(200)}") | replace("\\n", "${"\\n".repeat(250)}") | replace("\\n", "\\n\\n\\n\\n") | indent(64) }}`;
  expect(await complaints(spec, { t: lines })).toEqual([
    't:1:1: a value above 1048576 characters (variant "pi")',
  ]);
});

test("a rendered text is bounded", async () => {
  const spec = `${head}variants: [{ name: pi, edits: [{ write: { path: /f, template: t } }] }]\n`;
  const big = `{{ "a" | pad(256) | replace("0", "${"b".repeat(256)}") }}`.repeat(300);
  expect(await complaints(spec, { t: big })).toEqual([
    't:1:1: rendered text above 16777216 characters (variant "pi")',
  ]);
});

test("half a surrogate pair does not become a question mark", async () => {
  const spec = `${head}variants: [{ name: pi, edits: [{ write: { path: /f, content: "\\ud800" } }] }]\n`;
  expect(await complaints(spec)).toEqual(['spec.yaml:3:62: half a surrogate pair is no text (variant "pi")']);
});
