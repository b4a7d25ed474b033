import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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

test("a lock of another container is in force until it is removed, and named", async () => {
  const directory = makeDirectory();
  const [, start, , boot] = processMark().split("@");
  const lock = join(directory, `lock.1@${start}@f000beef@${boot}@`);
  writeFileSync(lock, "");
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    code: "BUILD_LOCKED",
    message: `another build (process 1) is at work in ${directory}, in another container or on another machine; if that has ended, remove ${lock}`,
  });
  expect(readdirSync(directory)).toHaveLength(1);
  rmSync(lock);
  (await lockDirectory(directory))();
});

test("a lock that was left when the machine was started anew is taken over", async () => {
  // Of a kind that no two machines share, wherever this runs.
  const directory = mkdtempSync("/dev/shm/bootstamp-lock-");
  const [processId, start, namespace] = processMark().split("@");
  writeFileSync(join(directory, `lock.${processId}@${start}@${namespace}@0123456789abcdef@`), "");
  (await lockDirectory(directory))();
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
});
