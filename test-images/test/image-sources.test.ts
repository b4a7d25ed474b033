import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sourceText } from "../src/image-sources.ts";

/** A repository of packages, each with the names of those below it. */
function repository(packages: Readonly<Record<string, readonly string[]>>): string {
  const root = mkdtempSync(join(tmpdir(), "image-sources-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "node_modules/@bootstamp"), { recursive: true });
  for (const [name, below] of Object.entries(packages)) {
    const folder = join(root, name);
    mkdirSync(join(folder, "src/deep"), { recursive: true });
    const dependencies = Object.fromEntries(below.map((each) => [`@bootstamp/${each}`, "0.1.0"]));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ dependencies }));
    writeFileSync(join(folder, "src/deep/code.ts"), name);
    symlinkSync(folder, join(root, "node_modules/@bootstamp", name));
  }
  return root;
}

test("images depend on all packages that are below, and on no other", () => {
  const root = repository({
    images: ["disks", "witnesses"],
    disks: ["bytes"],
    bytes: [],
    witnesses: [],
    other: ["disks"],
  });
  const texts = ["images", "disks", "bytes", "witnesses", "other"].map((changed) => {
    const before = sourceText(join(root, "images"));
    writeFileSync(join(root, changed, "src/deep/code.ts"), "changed");
    return { changed, differs: sourceText(join(root, "images")) !== before };
  });
  expect(texts.filter(({ differs }) => differs).map(({ changed }) => changed)).toEqual([
    "images",
    "disks",
    "bytes",
  ]);
});

test("of our own it knows what puts file systems together", () => {
  expect(sourceText()).toContain("export function formatFat");
});
