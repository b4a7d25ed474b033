import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processMark } from "@bootstamp/whole-file";
import { expect, test } from "vitest";
import { lockDirectory } from "../../src/build/directory-lock.ts";

const makeDirectory = (): string => mkdtempSync(join(tmpdir(), "bootstamp-lock-"));

test("a lock keeps others out while its holder lives, and no longer", async () => {
  const directory = makeDirectory();
  const unlock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toMatchObject({ code: "BUILD_LOCKED" });
  unlock();
  expect(readdirSync(directory)).toEqual([]);
  (await lockDirectory(directory))();
});

test("a lock of a dead process, or of another with its number, is taken over", async () => {
  const directory = makeDirectory();
  const { pid } = spawnSync("true");
  for (const mark of [`${pid}@1`, `${process.pid}@1`, "", "nonsense"]) {
    writeFileSync(join(directory, `lock.${mark}`), "");
  }
  await lockDirectory(directory);
  expect(readdirSync(directory)).toEqual([`lock.${processMark()}`]);
});
