import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processMark } from "@bootstamp/whole-file";
import { expect, test } from "vitest";
import { lockDirectory } from "../../src/build/directory-lock.ts";
import { Ledger } from "../../src/build/ledger.ts";

const path = (): string => join(mkdtempSync(join(tmpdir(), "bootstamp-ledger-")), "ledger");

test("a ledger keeps the last value of each key, over a line that a kill cut short", async () => {
  const file = path();
  const first = new Ledger(file);
  first.set("a", 1);
  first.set("b", { x: [1] });
  first.set("a", 2);
  appendFileSync(file, '\n["c", {"half');
  const second = new Ledger(file);
  second.set("d", 4);
  const third = new Ledger(file);
  expect(["a", "b", "c", "d"].map((key) => third.get(key))).toEqual([2, { x: [1] }, undefined, 4]);
  await third.compact((key) => key !== "b");
  expect(readFileSync(file, "utf8")).toBe('["a",2]\n["d",4]\n');
});

test("a lock keeps others out while its holder lives, and no longer", () => {
  const file = path();
  const unlock = lockDirectory(file);
  expect(() => lockDirectory(file)).toThrow(expect.objectContaining({ code: "BUILD_LOCKED" }));
  unlock();
  writeFileSync(file, `${process.pid}@1`);
  lockDirectory(file);
  expect(readFileSync(file, "utf8")).toBe(processMark());
});
