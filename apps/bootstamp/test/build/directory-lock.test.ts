import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processMark } from "@bootstamp/whole-file";
import { expect, test, vi } from "vitest";
import { lockDirectory } from "../../src/build/directory-lock.ts";

const makeDirectory = (): string => mkdtempSync(join(tmpdir(), "bootstamp-lock-"));

test("a lock keeps others out while its holder lives, and no longer", async () => {
  const directory = makeDirectory();
  const lock = await lockDirectory(directory);
  lock.assertHeld();
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    code: "BUILD_LOCKED",
    message: `another build (process ${process.pid}) is at work in ${directory}`,
    fields: { directory, holder: processMark() },
  });
  lock.unlock();
  expect(readdirSync(directory)).toEqual([]);
  (await lockDirectory(directory)).unlock();
});

test("a lock of another container is in force while it is fresh", async () => {
  const directory = makeDirectory();
  const [, start, , boot] = processMark().split("@");
  const path = join(directory, `lock.1@${start}@f000beef@${boot}`);
  writeFileSync(path, "7");
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    code: "BUILD_LOCKED",
    message: `another build (process 1) is at work in ${directory}, in another container or on another machine; if it was killed, the directory is free within a minute`,
  });
  const then = Date.now() / 1000 - 61;
  utimesSync(path, then, then);
  const lock = await lockDirectory(directory);
  expect(readdirSync(directory)).toEqual([`lock.${processMark()}`]);
  lock.unlock();
});

test("a build that slept, and whose lock another has by now, is told so", async () => {
  const directory = makeDirectory();
  const lock = await lockDirectory(directory);
  rmSync(join(directory, `lock.${processMark()}`));
  const waking = Date.now() + 600_000;
  const clock = vi.spyOn(Date, "now").mockReturnValue(waking);
  try {
    expect(() => lock.assertHeld()).toThrow(/^.* is left to others: this build stood still for so long/);
    expect(lock.isLost).toBe(true);
  } finally {
    clock.mockRestore();
    lock.unlock();
  }
});
