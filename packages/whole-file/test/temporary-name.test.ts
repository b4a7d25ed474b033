import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeLeftovers } from "@bootstamp/whole-file";
import { expect, test } from "vitest";
import { age, inNamespace, markElsewhere, startElsewhere } from "./places.ts";

const makeDirectory = (): string => mkdtempSync(join(tmpdir(), "bootstamp-leftovers-"));

test("what a process elsewhere has not written to for an hour is removed", () => {
  const directory = makeDirectory();
  const names = ["new", "old", "future"].map((name) => `.${name}.${markElsewhere()}-1.partial`);
  for (const name of names) writeFileSync(join(directory, name), "half");
  const [young = "", old = "", future = ""] = names;
  age(join(directory, young), 3500);
  age(join(directory, old), 3700);
  // Its clock was set back since.
  age(join(directory, future), -3700);
  expect(removeLeftovers(directory).toSorted()).toEqual([future, old].toSorted());
  expect(readdirSync(directory)).toEqual([young]);
});

test("the files of a process in another PID namespace stay", inNamespace, async () => {
  const directory = makeDirectory();
  const child = await startElsewhere(
    (source) => `import { processMark, writeWholeFile } from "${source}";
    import { writeFileSync } from "node:fs";
    await writeWholeFile("${join(directory, "a")}", async (temporary) => {
      writeFileSync(temporary, "half");
      console.log(processMark());
      await new Promise((resolve) => process.stdin.once("end", resolve).resume());
    });`,
  );
  expect(child.said).toMatch(/^1@/);
  expect(removeLeftovers(directory)).toEqual([]);
  await child.finish();
  expect(readdirSync(directory)).toEqual(["a"]);
});
