import { appendFileSync, mkdtempSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Ledger } from "../../src/build/ledger.ts";

const path = (): string => join(mkdtempSync(join(tmpdir(), "bootstamp-ledger-")), "ledger");

test("a ledger keeps the last value of each key, over a line that a kill cut short", async () => {
  const file = path();
  const first = new Ledger(file, "p 1");
  first.set("a", 1);
  first.set("b", { x: [1] });
  first.set("a", 2);
  appendFileSync(file, '\n["c", {"half');
  const second = new Ledger(file, "p 1");
  second.set("d", 4);
  const third = new Ledger(file, "p 1");
  expect(["a", "b", "c", "d"].map((key) => third.get(key))).toEqual([2, { x: [1] }, undefined, 4]);
  await third.compact((key) => key !== "b");
  expect(readFileSync(file, "utf8")).toBe('["program","p 1"]\n["a",2]\n["d",4]\n');
});

test("what another version of the program found out is not believed, nor what it took the place of", () => {
  const file = path();
  const older = new Ledger(file, "p 1");
  older.set("a", 1);
  older.set("b", 2);
  const newer = new Ledger(file, "p 2");
  expect(newer.keys()).toEqual([]);
  newer.set("a", 3);
  expect(new Ledger(file, "p 1").keys()).toEqual(["b"]);
  expect(new Ledger(file, "p 2").get("a")).toBe(3);
});

test("a ledger that has nothing to leave out is not written again", async () => {
  const file = path();
  const ledger = new Ledger(file, "p 1");
  ledger.set("a", 1);
  await ledger.compact(() => true);
  const before = statSync(file, { bigint: true });
  await new Ledger(file, "p 1").compact(() => true);
  expect(statSync(file, { bigint: true })).toMatchObject({ ino: before.ino, mtimeNs: before.mtimeNs });
});

test("a full disk is said as such", () => {
  const file = path();
  const ledger = new Ledger(file, "p 1");
  symlinkSync("/dev/full", file);
  expect(() => ledger.set("a", 1)).toThrow(expect.objectContaining({ code: "FILE_DISK_FULL" }));
});
