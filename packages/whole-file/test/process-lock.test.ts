import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { lockHolder, ProcessLock, processMark, takeLock } from "@bootstamp/whole-file";
import { expect, test } from "vitest";
import { age, inNamespace, markElsewhere, startElsewhere } from "./places.ts";

function makePrefix(): { readonly directory: string; readonly prefix: string } {
  const directory = mkdtempSync(join(tmpdir(), "bootstamp-lock-"));
  return { directory, prefix: join(directory, "lock.") };
}

/** The lock, which must be to be had. */
async function taken(prefix: string, beat?: number): Promise<ProcessLock> {
  const lock = await takeLock(prefix, beat);
  if (lock instanceof ProcessLock) return lock;
  throw new Error(`${lock.mark} has the lock`);
}

test("a lock keeps others out until it is given back", async () => {
  const { directory, prefix } = makePrefix();
  const lock = await taken(prefix);
  const holder = { mark: processMark(), processId: process.pid, isElsewhere: false };
  expect(await takeLock(prefix)).toEqual(holder);
  expect(lockHolder(prefix)).toEqual(holder);
  expect(lock.isLost).toBe(false);
  lock.unlock();
  lock.unlock();
  expect(readdirSync(directory)).toEqual([]);
  expect(lockHolder(prefix)).toBeUndefined();
  (await taken(prefix)).unlock();
});

test("of many that ask at once one at most has the lock", async () => {
  const { directory, prefix } = makePrefix();
  const answers = await Promise.all(Array.from({ length: 8 }, async () => await takeLock(prefix)));
  const locks = answers.filter((answer) => answer instanceof ProcessLock);
  expect(locks).toHaveLength(1);
  for (const lock of locks) lock.unlock();
  expect(readdirSync(directory)).toEqual([]);
});

test("a lock of a dead process, or of another with its number, is taken over, however new", async () => {
  const { directory, prefix } = makePrefix();
  const { pid } = spawnSync("true");
  for (const mark of [`${pid}@1`, `${process.pid}@1`, "", "nonsense"]) writeFileSync(prefix + mark, "");
  expect(lockHolder(prefix)).toBeUndefined();
  const lock = await taken(prefix);
  expect(readdirSync(directory)).toEqual([`lock.${processMark()}`]);
  lock.unlock();
});

test("a holder elsewhere has its lock while it was dated within a minute", async () => {
  const { directory, prefix } = makePrefix();
  const mark = markElsewhere();
  const holder = { mark, processId: 1, isElsewhere: true };
  for (const seconds of [0, 50, -50]) {
    writeFileSync(prefix + mark, "1");
    age(prefix + mark, seconds);
    expect(await takeLock(prefix)).toEqual(holder);
    expect(lockHolder(prefix)).toEqual(holder);
    expect(readdirSync(directory)).toEqual([`lock.${mark}`]);
  }
  for (const seconds of [70, -70]) {
    writeFileSync(prefix + mark, "1");
    age(prefix + mark, seconds);
    expect(lockHolder(prefix)).toBeUndefined();
    const lock = await taken(prefix);
    expect(readdirSync(directory)).toEqual([`lock.${processMark()}`]);
    lock.unlock();
  }
});

test("a lock that another user keeps to itself is judged too", async () => {
  const { prefix } = makePrefix();
  writeFileSync(prefix + markElsewhere(), "1");
  chmodSync(prefix + markElsewhere(), 0);
  expect(await takeLock(prefix)).toMatchObject({ processId: 1 });
});

test("a heart beats while a lock is held, and no longer", async () => {
  const { prefix } = makePrefix();
  const path = prefix + processMark();
  const lock = await taken(prefix, 20);
  const before = statSync(path).mtimeMs;
  await expect.poll(() => Number(readFileSync(path, "utf8"))).toBeGreaterThan(3);
  expect(statSync(path).mtimeMs).toBeGreaterThan(before);
  lock.unlock();
  await setTimeout(60);
  expect(lockHolder(prefix)).toBeUndefined();
});

test("a holder notices when its lock was taken from it, and takes nothing from the next one", async () => {
  const { prefix } = makePrefix();
  const lock = await taken(prefix, 20);
  rmSync(prefix + processMark());
  await expect.poll(() => lock.isLost).toBe(true);
  const next = await taken(prefix);
  lock.unlock();
  expect(next.isLost).toBe(false);
  expect(lockHolder(prefix)).toMatchObject({ processId: process.pid });
  next.unlock();
});

test("a holder that wakes looks before it answers", async () => {
  const { prefix } = makePrefix();
  const lock = await taken(prefix, 20);
  rmSync(prefix + processMark());
  // Nothing else runs meanwhile, its timer included.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
  expect(lock.isLost).toBe(true);
});

test("a held lock does not keep a process from its end", () => {
  const { prefix } = makePrefix();
  const script = `import { takeLock } from "${new URL("../src/index.ts", import.meta.url).href}";
    await takeLock("${prefix}");`;
  const node = ["--conditions=@bootstamp/source", "--input-type=module", "-e", script];
  expect(spawnSync(process.execPath, node, { timeout: 120_000 }).status).toBe(0);
});

test("a process in another PID namespace keeps its lock until it is killed", inNamespace, async () => {
  const { directory, prefix } = makePrefix();
  const child = await startElsewhere(
    (source) => `import { takeLock } from "${source}";
    await takeLock("${prefix}", 50);
    console.log("held");
    process.stdin.resume();`,
  );
  try {
    const [name = ""] = readdirSync(directory);
    expect(name).toMatch(/^lock\.1@/);
    const beats = (): number => Number(readFileSync(join(directory, name), "utf8"));
    const before = beats();
    await expect.poll(beats).toBeGreaterThan(before);
    expect(await takeLock(prefix)).toMatchObject({ processId: 1, isElsewhere: true });
  } finally {
    await child.kill();
  }
  expect(await takeLock(prefix)).toMatchObject({ processId: 1, isElsewhere: true });
  await setTimeout(6 * 50 + 20);
  const lock = await taken(prefix, 50);
  expect(readdirSync(directory)).toEqual([`lock.${processMark()}`]);
  lock.unlock();
});
