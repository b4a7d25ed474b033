import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { editGrubenv, emptyGrubenv, grubenvSize, readGrubenv } from "@bootstamp/boot-config";
import { requires, run, runBytes } from "@bootstamp/witnesses";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf, unlessRefused } from "./fixture.ts";

const block = (body: string, size = 1024): Uint8Array =>
  Uint8Array.from(Buffer.from(`# GRUB Environment Block\n${body}`.padEnd(size, "#"), "latin1"));
const bodyOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString("latin1").slice(25).replace(/#+$/, "");

test("reads names and values, the last of a name", () => {
  const bytes = block("# WARNING: x\nsaved_entry=0\nempty=\na=b\\\\c\\\nd\na=2=3\n");
  expect([...readGrubenv(bytes)]).toEqual([
    ["saved_entry", "0"],
    ["empty", ""],
    ["a", "2=3"],
  ]);
  expect(readGrubenv(block("a=b\\\\c\\\nd\n")).get("a")).toBe("b\\c\nd");
  expect(readGrubenv(emptyGrubenv()).size).toBe(0);
});

test("sets in place, adds behind, unsets, keeps the size", () => {
  const bytes = block("# note\na=1\nb=2\nc=3\n");
  const edited = editGrubenv(bytes, { set: { b: "two and a half", d: "x\\y\nz" }, unset: ["a", "nothing"] });
  expect(bodyOf(edited)).toBe("# note\nb=two and a half\nc=3\nd=x\\\\y\\\nz\n");
  expect(edited.length).toBe(grubenvSize);
  expect(bodyOf(bytes)).toBe("# note\na=1\nb=2\nc=3\n");
});

test("a name that stands twice is set once, and unset wholly", () => {
  expect(bodyOf(editGrubenv(block("a=1\nb=2\na=3\n"), { set: { a: "4" } }))).toBe("a=4\nb=2\n");
  expect(bodyOf(editGrubenv(block("a=1\nb=2\na=3\n"), { unset: ["a"] }))).toBe("b=2\n");
  expect(bodyOf(editGrubenv(block("a=1\nb=2\n"), { unset: ["a"], set: { a: "4" } }))).toBe("b=2\na=4\n");
});

test("keeps the size of a block that is not 1024 bytes", () => {
  expect(editGrubenv(block("a=1\n", 4096), { set: { a: "2" } }).length).toBe(4096);
});

test("a full block says how many bytes are missing", () => {
  const exact = editGrubenv(block(""), { set: { a: "x".repeat(1024 - 25 - 3) } });
  expect(exact.at(-1)).toBe("\n".charCodeAt(0));
  expect(readGrubenv(exact).get("a")?.length).toBe(996);
  expect(() => editGrubenv(exact, { set: { bc: "12" } })).toThrow(
    expect.objectContaining({ code: "GRUBENV_FULL", fields: { length: 1030, size: 1024, missing: 6 } }),
  );
});

test.each([
  ["empty", ""],
  ["of zeros", "\0".repeat(1024)],
  ["with another head", "# GRUB environment Block\n".padEnd(1024, "#")],
  ["cut within a line", "# GRUB Environment Block\na=b"],
  ["with a line that is no assignment", "# GRUB Environment Block\nab\n###"],
  ["with an empty name", "# GRUB Environment Block\n=b\n###"],
  ["whose last newline is escaped", "# GRUB Environment Block\na=b\\\n###"],
  ["with zeros behind", "# GRUB Environment Block\na=b\n###\0"],
])("a block %s is damaged", (_, text) => {
  expect(errorOf(() => readGrubenv(Buffer.from(text, "latin1"))).code).toBe("GRUBENV_DAMAGED");
});

test.each(["", "a=b", "a\nb", "#a", "a\\b", "a\0"])("refuses the name %j", (name) => {
  expect(errorOf(() => editGrubenv(block(""), { set: { [name]: "x" } })).code).toBe("GRUBENV_INVALID");
  expect(errorOf(() => editGrubenv(block(""), { unset: [name] })).code).toBe("GRUBENV_INVALID");
});

test("refuses a NUL in a value, and a block too small for its head", () => {
  expect(errorOf(() => editGrubenv(block(""), { set: { a: "\0" } })).code).toBe("GRUBENV_INVALID");
  expect(() => emptyGrubenv(10)).toThrow(RangeError);
});

const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/);
const value = fc.string({ unit: fc.constantFrom("a", "\\", "\n", "=", "#", " ", "ü"), maxLength: 12 });
const variables = fc.dictionary(name, value, { maxKeys: 8, noNullPrototype: true });

test("what is set is read, and unsetting it gives the block back", () => {
  fc.assert(
    fc.property(variables, (set) => {
      const start = block("# note\nkept-first=1\n");
      const full = editGrubenv(start, { set });
      expect(Object.fromEntries([...readGrubenv(full)].slice(1))).toEqual(set);
      expect(editGrubenv(full, { unset: Object.keys(set) })).toEqual(start);
    }),
  );
});

test("arbitrary bytes give variables or our own error", () => {
  const head = fc.constantFrom("", "# GRUB Environment Block\n");
  const body = fc.string({ unit: fc.constantFrom("a", "=", "\\", "\n", "#", "\0", "\xff") });
  fc.assert(
    fc.property(head, body, (start, rest) => {
      const bytes = Buffer.from(start + rest, "latin1");
      const result = unlessRefused(() => editGrubenv(bytes, { unset: ["a"] }));
      expect((result ?? bytes).length).toBe(bytes.length);
    }),
  );
});

/** Puts bytes into a file for a tool, and returns what the file then holds. */
async function inFile(bytes: Uint8Array, work: (path: string) => Promise<unknown>): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "boot-config-"));
  try {
    const path = join(folder, "grubenv");
    await writeFile(path, bytes);
    await work(path);
    return new Uint8Array(await readFile(path));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const assign = (set: Readonly<Record<string, string>>): string[] =>
  Object.entries(set).map(([key, to]) => `${key}=${to}`);

describe("against grub-editenv", requires("grub-editenv"), () => {
  test("an empty block is the same", async () => {
    expect(await inFile(block(""), (path) => run("grub-editenv", [path, "create"]))).toEqual(emptyGrubenv());
  });

  test("set and unset give the same bytes, and it reads ours", async () => {
    await fc.assert(
      fc.asyncProperty(variables, variables, async (first, second) => {
        const unset = [...Object.keys(first).slice(0, 2), "absent"];
        const set = Object.fromEntries(Object.entries(second).filter(([key]) => !unset.includes(key)));
        const base = editGrubenv(emptyGrubenv(), { set: first });
        const theirs = await inFile(base, async (path) => {
          await run("grub-editenv", [path, "unset", ...unset]);
          if (Object.keys(set).length > 0) await run("grub-editenv", [path, "set", ...assign(set)]);
        });
        const ours = editGrubenv(base, { unset, set });
        expect(ours).toEqual(theirs);
        const listed = await inFile(ours, async (path) => {
          const printed = (await runBytes("grub-editenv", [path, "list"])).toString("utf8");
          expect(printed).toBe([...readGrubenv(ours)].map(([key, to]) => `${key}=${to}\n`).join(""));
        });
        expect(listed).toEqual(ours);
      }),
      { numRuns: 25 },
    );
  });
});
