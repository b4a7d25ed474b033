import { execFileSync } from "node:child_process";
import { loadSpec, SpecError } from "@bootstamp/variants";
import { join } from "node:path";
import { expect, test } from "vitest";
import { complaints, head, scratch } from "./scratch.ts";

test("an unknown edit is complained of where it stands", async () => {
  const spec = `version: 1
base:
  image: fcos.raw
output:
  name: "fcos-{{ variant }}"
variants:
  - name: aws
    edits:
      - kargs:
          append: [quiet]
      - wrte: { path: /x, content: y }
`;
  expect(await complaints(spec)).toEqual(['spec.yaml:11:9: unknown edit "wrte", did you mean "write"?']);
});

test("all that is wrong with keys and values is said at once, each in its place", async () => {
  const spec = `version: 2
bas: { imag: x }
region: { label: a, role: esp }
store: { reserve: 4MiB }
output:
  formats: [gz, gz]
  digests: [md5]
  compression: { gz: { engine: zlip, level: 20 } }
  name: 5
  bmap: yes
values: { "a b": 1, c: [1], d: }
secrets: { x: {} }
edits: 5
variants: []
`;
  expect(await complaints(spec)).toEqual([
    'spec.yaml:1:1: "base" is missing',
    "spec.yaml:1:10: expected 1, got 2",
    'spec.yaml:2:1: unknown key "bas", did you mean "base"?',
    'spec.yaml:3:21: "label", "role": only one can be',
    'spec.yaml:4:19: expected a map, got "4MiB"',
    "spec.yaml:6:12: the same name is there twice",
    'spec.yaml:7:13: expected sha256, raw-sha256, fsverity or raw-fsverity, got "md5"',
    'spec.yaml:8:32: unknown value "zlip", did you mean "zlib"?',
    "spec.yaml:8:45: expected 12 or less, got 20",
    "spec.yaml:9:9: expected text, got 5",
    'spec.yaml:10:9: expected true or false, got "yes"',
    'spec.yaml:11:11: a name starts with a letter or "_" and goes on with letters, digits, "_", "-"',
    "spec.yaml:11:24: expected text, a number or true or false, got a list",
    "spec.yaml:11:32: expected text, a number or true or false, got nothing",
    'spec.yaml:12:15: one of "env", "file" is needed',
    "spec.yaml:13:8: expected a list, got 5",
    "spec.yaml:14:11: a spec needs a variant",
  ]);
});

test("all that is wrong with edits is said at once, each in its place", async () => {
  const edits = [
    "write: { path: x, content: a }",
    "write: { path: /x, contnt: a }",
    "write: { path: /x, content: a, file: b }",
    "write: { path: /x, file: '' }",
    "write: { path: /x }",
    "delete: /x\n    mkdir: /y",
    "delete: 5",
    "delete: { pth: /x }",
    `chmod: { path: /x, mode: "999" }`,
    "chmod: { path: /x, mode: 0644 }",
    "kargs: {}",
    "kargs: { append: [] }",
    "foo",
    "{}",
    "copyin: { from: a }",
    "chown: { path: /x, uid: -1, gid: 1.5 }",
    'grubenv: { set: { "a=b": c } }',
    "cloud-init: { meta-data: { content: x } }",
  ];
  const spec = `version: 1\nbase: { image: b }\nvariants: [{ name: a }]\nedits:\n${edits.map((edit) => `  - ${edit}\n`).join("")}`;
  expect(await complaints(spec)).toEqual([
    'spec.yaml:5:20: a path in the image starts with "/"',
    'spec.yaml:6:24: unknown key "contnt", did you mean "content"?',
    'spec.yaml:7:36: "content", "file": only one can be',
    "spec.yaml:8:30: a path is needed",
    'spec.yaml:9:12: one of "content", "file", "template" is needed',
    'spec.yaml:11:5: one edit an item: mkdir needs its own "-"',
    "spec.yaml:12:13: expected text or a map, got 5",
    'spec.yaml:13:13: "path" is missing',
    'spec.yaml:13:15: unknown key "pth", did you mean "path"?',
    'spec.yaml:14:30: a mode is three or four octal digits in quotes, such as "0644"',
    'spec.yaml:15:30: a mode must be quoted, such as "0644": without quotes YAML 1.2 reads it as a decimal number, so that 0644 is 644',
    'spec.yaml:16:12: one or more of "append", "append-if-missing", "delete", "delete-if-present", "replace" is needed',
    "spec.yaml:17:22: an empty list does nothing",
    'spec.yaml:18:5: expected a map, got "foo"',
    "spec.yaml:19:5: an edit is needed here",
    'spec.yaml:20:5: unknown edit "copyin", did you mean "copy-in"?',
    "spec.yaml:21:29: expected 0 or more, got -1",
    "spec.yaml:21:38: expected a whole number, got 1.5",
    'spec.yaml:22:23: a name without "=" and spaces is expected',
    'spec.yaml:23:17: "user-data" is missing',
  ]);
});

test("of a value that may be of several kinds, the kind that it is nearest to is complained of", async () => {
  const spec = `${head}variants: [{ name: a }]
edits:
  - kargs: { replace: [{ key: a, nwe: b }] }
  - kargs: { replace: [[a]] }
  - config-txt: { set: { a: [[b]] } }
`;
  expect(await complaints(spec)).toEqual([
    'spec.yaml:5:24: "new" is missing',
    'spec.yaml:5:34: unknown key "nwe", did you mean "new"?',
    "spec.yaml:6:24: expected text, a number, true or false or a map, got a list",
    "spec.yaml:7:30: expected text, a number or true or false, got a list",
  ]);
});

test("an unquoted octal mode of YAML 1.2 is refused as well", async () => {
  const spec = `${head}variants:\n  - name: a\n    edits:\n      - mkdir: { path: /x, mode: 0o755 }\n`;
  expect((await complaints(spec))[0]).toMatch(/^spec\.yaml:6:34: a mode must be quoted/);
});

test("a key that is like none that is known gets a list of them", async () => {
  expect(await complaints(`${head}variants: [{ name: a, colour: red }]\n`)).toEqual([
    'spec.yaml:3:23: unknown key "colour"; known are: name, table, rows, matrix, exclude, values, edits',
  ]);
});

test("the error carries every complaint as data, and shows twenty", async () => {
  const folder = scratch({ "spec.yaml": `${head}variants:\n${"  - { nme: a }\n".repeat(60)}` });
  const error = await loadSpec(join(folder, "spec.yaml")).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(SpecError);
  const { complaints: found, message, code, fields } = error as SpecError;
  expect(found).toHaveLength(120);
  expect(found[1]).toEqual({
    code: "SPEC_UNKNOWN_KEY",
    position: { file: join(folder, "spec.yaml"), line: 4, column: 7 },
    message: 'unknown key "nme", did you mean "name"?',
  });
  expect(code).toBe("SPEC_MISSING_KEY");
  expect(fields).toMatchObject({ line: 4, column: 5, complaints: 120 });
  expect(message.split("\n")).toHaveLength(21);
  expect(message).toMatch(/\nand 100 more$/);
});

test.each([
  ["nothing there", "nope.yaml", /nope\.yaml:1:1: cannot read .*nope\.yaml: there is no such file$/],
  ["a folder", "", /:1:1: cannot read .*: it is a directory$/],
])("a spec that cannot be read: %s", async (_, name, message) => {
  await expect(loadSpec(join(scratch(), name))).rejects.toMatchObject({
    code: "SPEC_UNREADABLE",
    message: expect.stringMatching(message),
  });
});

test("a spec that is a FIFO, which nobody need ever write to, or a device", async () => {
  const fifo = join(scratch(), "fifo");
  execFileSync("mkfifo", [fifo]);
  for (const path of [fifo, "/dev/zero"]) {
    await expect(loadSpec(path)).rejects.toMatchObject({
      code: "SPEC_UNREADABLE",
      message: `${path}:1:1: ${path} is no ordinary file`,
    });
  }
});

test("a spec that is no UTF-8, or too large", async () => {
  expect(await complaints(Uint8Array.of(0x61, 0xff))).toEqual([
    expect.stringMatching(/^spec\.yaml:1:1: spec\.yaml is no UTF-8 text/),
  ]);
  expect(await complaints("#".repeat((4 << 20) + 1))).toEqual([
    "spec.yaml:1:1: a spec has at most 4194304 bytes; long tables can be CSV files",
  ]);
});
