import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { besideName } from "@bootstamp/whole-file";
import { expect, test } from "vitest";

test("a name is hidden, beside its file, and has the ending", () => {
  expect(besideName("/a/b.img", "journal")).toBe("/a/.b.img.journal");
  expect(besideName("b.img", "journal")).toBe(".b.img.journal");
});

test("long names are possible, and no two files have one", () => {
  const directory = mkdtempSync(join(tmpdir(), "bootstamp-beside-"));
  const ending = "e".repeat(90);
  const paths = ["x".repeat(255), `${"x".repeat(254)}y`, "é".repeat(127), `${"é".repeat(126)}x`];
  const names = paths.map((name) => besideName(join(directory, name), ending));
  for (const name of names) {
    writeFileSync(name, "", { flag: "wx" });
    expect(dirname(name)).toBe(directory);
    expect(basename(name)).toMatch(/^\.[xé]+~[0-9a-f]{16}\.e{90}$/);
  }
  expect(new Set(names).size).toBe(paths.length);
});
