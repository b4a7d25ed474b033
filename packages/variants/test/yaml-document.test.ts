import { expect, test } from "vitest";
import { complaints, head, render } from "./scratch.ts";

test.each([
  ["", ["spec.yaml:1:1: the spec is empty"]],
  ["# nothing\n", ["spec.yaml:1:1: the spec is empty"]],
  ["- 5", ["spec.yaml:1:1: expected a map, got a list"]],
  ["version: 1\nversion: 1\n", ['spec.yaml:2:1: the key "version" is there twice']],
  ['{ "a": 1, a: 2 }', ['spec.yaml:1:11: the key "a" is there twice']],
  ["a: *x\n", ["spec.yaml:1:4: the alias *x names no anchor before it"]],
  ["a: !!binary aaaa\n", ["spec.yaml:1:13: the tag tag:yaml.org,2002:binary is not used in a spec"]],
  ["a: !foo {}\n", [expect.stringContaining("unresolved tag: !foo")]],
  ["<<: {}\n", ['spec.yaml:1:1: merge keys "<<" are not part of YAML 1.2']],
  ["? [a]\n: 5\n", ["spec.yaml:1:3: a key must be plain text"]],
  ["__proto__: {}\n", ['spec.yaml:1:1: "__proto__" cannot be a key']],
  ["a: [1\nb: 2\n", [expect.stringMatching(/^spec\.yaml:2:1: flow sequence/)]],
  ["a: 1\n---\nb: 2\n", ["spec.yaml:2:1: a spec is one YAML document"]],
  ["%YAML 1.1\n---\na: 1\n", ["spec.yaml:1:1: a spec is YAML 1.2, not 1.1"]],
  ["a: \0\n", ["spec.yaml:1:4: the control character 0x00 is not allowed in YAML"]],
  ["a: &a [*a]\n", ["spec.yaml:1:7: nested more than 64 levels deep, or an alias to what encloses it"]],
])("%j is refused", async (spec, expected) => {
  expect(await complaints(spec)).toEqual(expected);
});

test("what is nested too deeply is refused, and so is what would overflow the parser's stack", async () => {
  expect(await complaints(`a: ${"[".repeat(70)}${"]".repeat(70)}\n`)).toEqual([
    expect.stringContaining("nested more than 64 levels deep"),
  ]);
  expect((await complaints("[".repeat(20_000)))[0]).toMatch(/^spec\.yaml:1:/);
  // One complaint, in words of ours.
  for (const end of ["", "]".repeat(100_000)])
    expect(await complaints(`a: ${"[".repeat(100_000)}${end}\n`)).toEqual([
      expect.stringMatching(/^spec\.yaml:1:\d+: nested far too deep$/),
    ]);
});

test("aliases that multiply are refused before they fill the memory", async () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `x${level}: &x${level} [${`*x${level - 1},`.repeat(10)}]`,
  );
  const bomb = levels.with(0, "x0: &x0 [a,b,c]").join("\n");
  expect(await complaints(bomb)).toEqual([
    expect.stringMatching(/: more than 500000 values, counting what aliases/),
  ]);
});

test("fifty thousand keys take no square of that", async () => {
  const spec = Array.from({ length: 50_000 }, (_, index) => `k${index}: 1\n`).join("");
  expect((await complaints(spec)).at(-1)).toMatch(/^and 83 more$/);
});

test("anchors and aliases repeat what they name, with the last anchor of a name before them", async () => {
  const [a, b] = await render(`${head}variants:
  - name: a
    edits: &e [{ delete: &p /x }, { delete: *p }]
  - name: b
    edits: [{ mkdir: &p /y }, { mkdir: *p }]
  - name: c
    edits: *e
`);
  expect(a?.edits.map((edit) => "path" in edit && edit.path)).toEqual(["/x", "/x"]);
  expect(b?.edits.map((edit) => "path" in edit && edit.path)).toEqual(["/y", "/y"]);
});

test("plain scalars of tables and settings are taken as they are written", async () => {
  const [variant] = await render(`${head}values: { a: 1.10, b: 0012, c: 0x10, d: true, e: on, f: "1.0" }
variants:
  - name: a
    edits:
      - write:
          path: /f
          content: "{{ values.a }} {{ values.b }} {{ values.c }} {{ values.d }} {{ values.e }} {{ values.f }}"
      - config-txt: { set: { gpu_mem: 016, dtoverlay: [a, 1.0] } }
      - grubenv: { set: { saved_entry: 0 } }
      - kargs: { append: [3] }
`);
  expect(variant?.edits).toEqual([
    { verb: "write", path: "/f", content: new TextEncoder().encode("1.10 0012 0x10 true on 1.0") },
    {
      verb: "config-txt",
      set: [
        { key: "gpu_mem", value: "016" },
        { key: "dtoverlay", value: "a" },
        { key: "dtoverlay", value: "1.0" },
      ],
    },
    { verb: "grubenv", set: { saved_entry: "0" } },
    { verb: "kargs", append: ["3"] },
  ]);
});

test.each([
  ["plain", "/a/{{ nope }}", "7:20"],
  ["in double quotes", '"/a/{{ nope }}"', "7:21"],
  ["in single quotes", "'/a/{{ nope }}'", "7:21"],
  ["behind escapes", '"/\\x61\\u0062/{{ nope }}"', "7:30"],
  ["behind another", '"/\\x61/{{ variant }}/{{ nope }}"', "7:38"],
  ["on a later line of a literal", "|-\n            /a{{ variant }}/{{\n              nope }}", "8:29"],
  ["on a later line of a folded text", ">-\n            /a{{ variant }}\n            {{ nope }}", "9:13"],
])("the place of a template %s", async (_, scalar, place) => {
  const spec = `${head}variants:\n  - name: a\n    edits:\n      - mkdir:\n          path: ${scalar}\n`;
  expect(await complaints(spec)).toEqual([`spec.yaml:${place}: unknown name "nope"; known are: variant`]);
});
