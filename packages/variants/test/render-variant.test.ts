import { renderVariant, type RenderedVariant } from "@bootstamp/variants";
import { expect, test } from "vitest";
import { complaints, head, linePattern, render, type Files } from "./scratch.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function editsOf(edits: readonly string[], files: Files = {}): Promise<RenderedVariant> {
  const spec = `${head}variants:\n  - name: pi\n    rows: [{ id: 7, none: "" }]\n    edits:\n${edits.map((edit) => `      - ${edit}\n`).join("")}`;
  const [variant] = await render(spec, files);
  if (variant === undefined) throw new Error(`no variant, ${renderVariant.name}`);
  return variant;
}

test.each([
  [
    'write: { path: "/a/{{ row.id }}", content: "x{{ row.id }}\\n", mode: "0600", uid: 1, gid: 2, parent-mode: "700" }',
    [{ verb: "write", path: "/a/7", content: bytes("x7\n"), mode: 0o600, uid: 1, gid: 2, parentMode: 0o700 }],
    "write /a/7, 3 bytes, mode 0600",
  ],
  [
    'write: { path: /a, content: "" }',
    [{ verb: "write", path: "/a", content: bytes("") }],
    "write /a, 0 bytes",
  ],
  [
    "write: { path: /a, file: f }",
    [{ verb: "write", path: "/a", content: bytes("{{ x") }],
    "write /a, 4 bytes",
  ],
  [
    "write: { path: /a, template: t }",
    [{ verb: "write", path: "/a", content: bytes("id=7") }],
    "write /a, 4 bytes",
  ],
  [
    "write: { path: /a, file: 'f{{ row.none }}' }",
    [{ verb: "write", path: "/a", content: bytes("{{ x") }],
    "write /a, 4 bytes",
  ],
  [
    'append-line: { path: /a, line: "x {{ row.id }}" }',
    [{ verb: "append-line", path: "/a", line: "x 7" }],
    "append-line /a",
  ],
  [
    'fill: { path: /a, content: "{{ row.id }}" }',
    [{ verb: "fill", path: "/a", content: bytes("7") }],
    "fill /a, 1 bytes",
  ],
  [
    'fill: { path: /a, file: f, pad: "#", end: "\\n" }',
    [{ verb: "fill", path: "/a", content: bytes("{{ x"), pad: 35, end: bytes("\n") }],
    "fill /a, 4 bytes",
  ],
  [
    'fill: { path: /a, template: t, pad: "\\0" }',
    [{ verb: "fill", path: "/a", content: bytes("id=7"), pad: 0 }],
    "fill /a, 4 bytes",
  ],
  [
    "copy-in: { from: f, path: /a, gid: 3 }",
    [
      {
        verb: "copy-in",
        path: "/a",
        gid: 3,
        entries: [{ kind: "file", path: "", content: bytes("{{ x"), mode: 0o644 }],
      },
    ],
    "copy-in f to /a, 1 files",
  ],
  ["delete: /a", [{ verb: "delete", path: "/a" }], "delete /a"],
  ["delete: { path: /a, missing-ok: true }", [{ verb: "delete", path: "/a", missingOk: true }], "delete /a"],
  ["delete: { path: /a, missing-ok: false }", [{ verb: "delete", path: "/a" }], "delete /a"],
  [
    "move: { from: /a, to: '/b-{{ row.id }}' }",
    [{ verb: "move", from: "/a", to: "/b-7" }],
    "move /a to /b-7",
  ],
  ["mkdir: /a/", [{ verb: "mkdir", path: "/a/" }], "mkdir /a/"],
  [
    'mkdir: { path: /a, mode: "1777", uid: 4 }',
    [{ verb: "mkdir", path: "/a", mode: 0o1777, uid: 4 }],
    "mkdir /a",
  ],
  [
    "link: { path: /a, target: '../b/{{ row.id }}' }",
    [{ verb: "link", path: "/a", target: "../b/7" }],
    "link /a to ../b/7",
  ],
  ['chmod: { path: /, mode: "0755" }', [{ verb: "chmod", path: "/", mode: 0o755 }], "chmod / to 0755"],
  ["chown: { path: /a, uid: 0, gid: 0 }", [{ verb: "chown", path: "/a", uid: 0, gid: 0 }], "chown /a to 0:0"],
  [
    'kargs: { append: [quiet, "console=tty0  a=\\"b c\\" {{ row.none }}"], append-if-missing: [d], delete: [e], delete-if-present: [f], replace: [g=h], paths: [/x] }',
    [
      {
        verb: "kargs",
        append: ["quiet", "console=tty0", 'a="b c"'],
        appendIfMissing: ["d"],
        delete: ["e"],
        deleteIfPresent: ["f"],
        replace: ["g=h"],
        paths: ["/x"],
      },
    ],
    'kargs append quiet console=tty0 a="b c"; append-if-missing d; delete e; delete-if-present f; replace g=h',
  ],
  [
    "kargs: { replace: [a=b, { key: root, new: 'PARTUUID={{ row.id }}' }, { key: console, old: tty0, new: tty1 }] }",
    [
      {
        verb: "kargs",
        replace: ["a=b", { key: "root", new: "PARTUUID=7" }, { key: "console", old: "tty0", new: "tty1" }],
      },
    ],
    "kargs replace a=b root=PARTUUID=7 console=tty0=tty1",
  ],
  ["kargs: { append: ['{{ row.none }}'] }", [], undefined],
  [
    "grubenv: { path: /e, set: { a: 1, b: '{{ row.id }}' }, unset: [c] }",
    [{ verb: "grubenv", path: "/e", set: { a: "1", b: "7" }, unset: ["c"] }],
    "grubenv a=1 b=7 -c",
  ],
  ["grubenv: { unset: [c] }", [{ verb: "grubenv", unset: ["c"] }], "grubenv -c"],
  [
    "config-txt: { path: /c, section: pi4, set: { arm_64bit: 1, dtoverlay: [a, 'b=c'] }, remove: [gpu_mem, dtoverlay=x=y] }",
    [
      {
        verb: "config-txt",
        path: "/c",
        set: [
          { section: "pi4", key: "arm_64bit", value: "1" },
          { section: "pi4", key: "dtoverlay", value: "a" },
          { section: "pi4", key: "dtoverlay", value: "b=c" },
        ],
        remove: [
          { section: "pi4", key: "gpu_mem" },
          { section: "pi4", key: "dtoverlay", value: "x=y" },
        ],
      },
    ],
    "config-txt [pi4]arm_64bit=1 [pi4]dtoverlay=a [pi4]dtoverlay=b=c -[pi4]gpu_mem -[pi4]dtoverlay=x=y",
  ],
  [
    "config-txt: { section: cm4, remove-if-present: [a, b=c] }",
    [
      {
        verb: "config-txt",
        removeIfPresent: [
          { section: "cm4", key: "a" },
          { section: "cm4", key: "b", value: "c" },
        ],
      },
    ],
    "config-txt -[cm4]a -[cm4]b=c",
  ],
  ["config-txt: { remove: [a] }", [{ verb: "config-txt", remove: [{ key: "a" }] }], "config-txt -a"],
  [
    "ignition: { file: ign }",
    [
      {
        verb: "write",
        path: "/ignition/config.ign",
        content: bytes('{"ignition":{"version":"3.4.0"}}'),
        mode: 0o600,
        parentMode: 0o700,
      },
    ],
    "write /ignition/config.ign, 32 bytes, mode 0600",
  ],
])("%s", async (edit, edits, summary) => {
  const files = { f: "{{ x", t: "id={{ row.id }}", ign: '{"ignition":{"version":"3.4.0"}}' };
  const variant = await editsOf([edit], files);
  expect(variant.edits).toEqual(edits);
  expect(variant.notes.map((note) => note.summary)).toEqual(summary === undefined ? [] : [summary]);
});

function seed(user: string): string {
  return `cloud-init: { path: /seed/, user-data: { content: "#cloud-config\\n${user}" } }`;
}

function metaData({ edits: [, edit] }: RenderedVariant): string {
  return edit?.verb === "write" ? new TextDecoder().decode(edit.content) : "";
}

test("a cloud-init seed has an instance-id of its own content, or the one that is given", async () => {
  const one = await editsOf([seed("a: 1")]);
  expect(one.edits).toMatchObject([
    { verb: "write", path: "/seed/user-data", content: bytes("#cloud-config\na: 1"), mode: 0o600 },
    { verb: "write", path: "/seed/meta-data", mode: 0o600 },
  ]);
  expect(metaData(one)).toMatch(/^instance-id: iid-[0-9a-f]{16}\n$/);
  expect(metaData(await editsOf([seed("a: 1")]))).toBe(metaData(one));
  expect(metaData(await editsOf([seed("a: 2")]))).not.toBe(metaData(one));
  const given = await editsOf([
    "cloud-init: { user-data: { content: '#!/bin/sh' }, meta-data: { content: 'instance-id: i-{{ row.id }}' }, network-config: { content: 'version: 2' } }",
  ]);
  expect(given.edits).toMatchObject([
    { path: "/user-data" },
    { path: "/meta-data", content: bytes("instance-id: i-7") },
    { path: "/network-config", content: bytes("version: 2") },
  ]);
});

test("the edits stand in the order of the spec, the shared ones first, each with its place", async () => {
  const [variant] = await render(`${head}edits:
  - mkdir: /shared
variants:
  - name: a
    edits:
      - cloud-init: { user-data: { content: "#!" } }
      - delete: /x
`);
  expect(variant?.edits.map((edit) => "path" in edit && edit.path)).toEqual([
    "/shared",
    "/user-data",
    "/meta-data",
    "/x",
  ]);
  expect(variant?.notes.map(({ position: { line, column } }) => [line, column])).toEqual([
    [4, 5],
    [8, 9],
    [8, 9],
    [9, 9],
  ]);
});

test.each([
  ["mkdir: '/a/{{ row.x }}/b'", "..", '7:16: the path "/a/../b" has "." or ".." in it'],
  ["mkdir: '/a/{{ row.x }}/b'", "", '7:16: the path "/a//b" has an empty name in it'],
  ["mkdir: '/a/{{ row.x }}'", "b\nc", '7:16: the path "/a/b\\nc" has a control character in it'],
  ["mkdir: '/a/{{ row.x }}'", "é".repeat(128), /has a name longer than 255 bytes in it/],
  ["mkdir: '/{{ row.x }}'", "a/".repeat(2050), /is longer than 4095 bytes/],
  ["mkdir: '{{ row.x }}'", "a", '7:16: the path "a" does not start with "/"'],
  ["delete: '/{{ row.x }}'", "", '7:17: "/" is the root: a name below it is needed'],
  ["append-line: { path: /a, line: '{{ row.x }}' }", "a\nb", "7:40: a line has a line end or NUL in it"],
  ["link: { path: /a, target: '{{ row.x }}' }", "", '7:35: "" is no target of a link'],
  [
    "kargs: { append: ['{{ row.x }}'] }",
    "a\nb",
    '7:27: the kernel arguments "a\\nb" have a control character in them',
  ],
  [
    "kargs: { append: ['{{ row.x }}'] }",
    'a="b',
    '7:27: the kernel arguments "a=\\"b" have a quote that does not end',
  ],
  ["kargs: { replace: [{ key: a, new: '{{ row.x }}' }] }", "", '7:43: "" is no part of a kernel argument'],
  ["write: { path: /a, file: '{{ row.x }}' }", "no", "7:34: cannot read no: there is no such file"],
  ["write: { path: /a, file: '{{ row.x }}' }", "../x", /7:34: .*x is outside the folder of the spec/],
  [
    "ignition: { content: '{{ row.x }}' }",
    "{}",
    /7:30: reading an Ignition config: ignition.version is missing/,
  ],
  [
    "ignition: { content: '{{ row.x }}' }",
    '{\n  "a": x}',
    "7:30: reading an Ignition config: it is not JSON: line 2, column 8 of what was rendered: a JSON value is expected",
  ],
  [
    "cloud-init: { user-data: { content: '{{ row.x }}' } }",
    "x",
    /7:45: making a cloud-init seed: user-data begins with/,
  ],
])("%s with %j is refused", async (edit, cell, expected) => {
  const spec = `${head}variants:\n  - name: pi\n    table: t.json\n    edits:\n      - ${edit}\n`;
  const line = linePattern(expected, "spec.yaml:", ' (variant "pi")');
  expect(await complaints(spec, { "t.json": JSON.stringify([{ x: cell }]) })).toEqual([
    expect.stringMatching(line),
  ]);
});

test("all edits of a variant that are wrong are complained of", async () => {
  const spec = `${head}variants: [{ name: pi, edits: [{ mkdir: /a/../b }, { mkdir: /ok }, { write: { path: /x, file: no } }] }]\n`;
  expect(await complaints(spec)).toHaveLength(2);
});
