import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { debianPackageOf, debianPackages, decoders } from "@bootstamp/witnesses";
import { expect, test } from "vitest";

test("every decoder's tools have a package that tools/test installs", () => {
  // A JDK brings java with javac.
  const tools = decoders.flatMap((decoder) => decoder.tools).filter((tool) => tool !== "java");
  expect(tools.filter((tool) => debianPackageOf(tool) === undefined)).toEqual([]);
});

test("a name of Object's own is no tool", () => {
  expect(debianPackageOf("constructor")).toBeUndefined();
});

test("the list that tools/test reads is the list", () => {
  const script = fileURLToPath(new URL("../src/print-debian-packages.ts", import.meta.url));
  const printed = execFileSync(process.execPath, [script], { encoding: "utf8" });
  expect(printed.trimEnd().split("\n")).toEqual(debianPackages);
});
