// Files whose stamping in place was cut off, by a real kill, and journals that are not what they should be.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { Fault } from "@bootstamp/fault";
import { localFiles, recoverInPlace, stampInPlace, StampError, type InPlaceLock } from "@bootstamp/stamp";
import { processMark } from "@bootstamp/whole-file";
import { when } from "@bootstamp/witnesses";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { encodeIdentity, identityFormat } from "./identity-format.ts";
import { noise, patchOf, temporaryDirectory, withOverwrites } from "./patched-bytes.ts";

const script = fileURLToPath(new URL("./fixtures/stamp-in-place-and-die.ts", import.meta.url));
const format = identityFormat();
const raw = noise(80_000);
const change = { offset: 300, bytes: noise(70_000, 2) };
const before = encodeIdentity(raw);
const after = encodeIdentity(withOverwrites(raw, [change]));

interface Place {
  readonly path: string;
  readonly journal: string;
}

function place(bytes: Uint8Array = before): Place {
  const directory = temporaryDirectory();
  const path = join(directory, "base.img");
  writeFileSync(path, bytes);
  return { path, journal: join(directory, ".base.img.bootstamp-journal") };
}

function spawned(path: string, ...count: readonly string[]): ReturnType<typeof spawn> {
  const patchPath = join(temporaryDirectory(), "patch");
  writeFileSync(patchPath, change.bytes);
  const args = [...process.execArgv, script, path, patchPath, String(change.offset), ...count];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

/** Stamps in place and is killed before the step of that number. @returns what ended it. */
async function killedAt(path: string, count: number): Promise<unknown> {
  const [, signal] = await once(spawned(path, String(count)), "exit");
  return signal;
}

function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

/** A file in the midst of a change, and its journal. */
let torn: Uint8Array;
let journalBytes: Uint8Array;

beforeAll(async () => {
  const { path, journal } = place();
  // Behind the first write of the file.
  await killedAt(path, 9);
  torn = bytesOf(path);
  journalBytes = bytesOf(journal);
});

test("what the tests begin with is a file half changed, and a whole journal", () => {
  expect([before, after].some((each) => Buffer.compare(each, torn) === 0)).toBe(false);
  expect(journalBytes.length).toBeGreaterThan(change.bytes.length);
});

test("a process that is killed at any step leaves a file that the next one brings back", async () => {
  const outcomes: string[] = [];
  for (let ended: unknown = "SIGKILL"; ended !== null;) {
    const { path } = place();
    ended = await killedAt(path, outcomes.length);
    const recovery = await recoverInPlace(path, [format]);
    outcomes.push(`${recovery} ${stateOf(path)}`);
    expect(await recoverInPlace(path, [format])).toBe("clean");
  }
  // Before the journal; in its writes; from its end on to its removal; when that is not synced, and when all is done.
  expect(outcomes).toEqual([
    "clean old",
    ...Array.from({ length: 5 }, () => "discarded old"),
    ...Array.from({ length: 6 }, () => "undone old"),
    ...Array.from({ length: 2 }, () => "clean new"),
  ]);
});

function stateOf(path: string): string {
  const found = bytesOf(path);
  if (Buffer.compare(found, before) === 0) return "old";
  return Buffer.compare(found, after) === 0 ? "new" : "a mixture";
}

test("a file that another process changes is left to it, and to the next when that is killed", async () => {
  const { path } = place();
  const child = spawned(path);
  const ended = once(child, "exit");
  try {
    await once(child.stdout ?? child, "data");
    await expect(stampInPlace({ path, format, patch: patchOf(raw, [change]) })).rejects.toMatchObject({
      code: "STAMP_IN_PLACE_BUSY",
      fields: { processId: child.pid },
    });
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
  await stampInPlace({ path, format, patch: patchOf(raw, [change]) });
  expect(Buffer.compare(bytesOf(path), after)).toBe(0);
  expect(readdirSync(dirname(path))).toEqual(["base.img"]);
});

test("a file that a process in another container changes is left to it, until that was silent for a minute", async () => {
  const { path } = place();
  const [, start, , boot] = processMark().split("@");
  const lock = join(dirname(path), `.base.img.bootstamp-lock-1@${start}@f000beef@${boot}`);
  writeFileSync(lock, "7");
  const stamping = async (): Promise<unknown> =>
    await stampInPlace({ path, format, patch: patchOf(raw, [change]) });
  await expect(stamping()).rejects.toMatchObject({
    code: "STAMP_IN_PLACE_BUSY",
    message: `${path} is being changed in place by process 1 in another container or on another machine; if that was killed, ${path} is free within a minute`,
    fields: { path, processId: 1 },
  });
  expect(Buffer.compare(bytesOf(path), before)).toBe(0);
  const then = Date.now() / 1000 - 61;
  utimesSync(lock, then, then);
  await stamping();
  expect(Buffer.compare(bytesOf(path), after)).toBe(0);
  expect(readdirSync(dirname(path))).toEqual(["base.img"]);
});

test("a process whose lock is another's by now does nothing more to the file or to its journal", async () => {
  let steps = 0;
  for (let isDone = false; !isDone; steps++) {
    const { path, journal } = place();
    let done = 0;
    let left: readonly (Uint8Array | undefined)[] | undefined;
    const found = (): (Uint8Array | undefined)[] =>
      [path, journal].map((each) => (existsSync(each) ? bytesOf(each) : undefined));
    const lock = async (): Promise<InPlaceLock> => ({
      assertHeld: () => {
        if (done++ < steps) return;
        left ??= found();
        throw new StampError("STAMP_IN_PLACE_BUSY", "lost", { path });
      },
      unlock: () => undefined,
    });
    const files = { ...localFiles, lock };
    const stamping = stampInPlace({ path, format, patch: patchOf(raw, [change]), files });
    isDone = await stamping.then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: "STAMP_IN_PLACE_BUSY" });
        return false;
      },
    );
    expect(found()).toEqual(left ?? [after, undefined]);
    // Whoever has the lock then brings the file back.
    await recoverInPlace(path, [format]);
    expect(stateOf(path)).toBe(isDone ? "new" : "old");
  }
  expect(steps).toBeGreaterThan(8);
});

test("the next stamping undoes by itself", async () => {
  const { path, journal } = place(torn);
  writeFileSync(journal, journalBytes);
  await stampInPlace({ path, format, patch: patchOf(raw, [change]) });
  expect(Buffer.compare(bytesOf(path), after)).toBe(0);
});

test("a file that is as it was, or as it should become, is of the journal too", async () => {
  for (const found of [before, after]) {
    const { path, journal } = place(found);
    writeFileSync(journal, journalBytes);
    expect(await recoverInPlace(path, [format])).toBe("undone");
    expect(Buffer.compare(bytesOf(path), before)).toBe(0);
  }
});

test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
  ["of another length", (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
  ["with another sector", (bytes) => changedAt(bytes, 40_000)],
])("the journal of another file, %s, is refused and stays", async (_, make) => {
  const found = make(torn);
  const { path, journal } = place(found);
  writeFileSync(journal, journalBytes);
  const refused = { code: "STAMP_JOURNAL_OTHER_FILE", fields: { journal } };
  await expect(recoverInPlace(path, [format])).rejects.toMatchObject(refused);
  await expect(stampInPlace({ path, format, patch: [] })).rejects.toMatchObject(refused);
  expect(Buffer.compare(bytesOf(path), found)).toBe(0);
  expect(Buffer.compare(bytesOf(journal), journalBytes)).toBe(0);
});

function changedAt(bytes: Uint8Array, at: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed[at] = 1 ^ (changed[at] ?? 0);
  return changed;
}

test("a journal that was cut anywhere has begun nothing, and goes", async () => {
  const lengths = [0, 1, 7, 8, 20, 31, 32, 35, 36, 100, 5000, journalBytes.length - 1];
  for (const length of lengths) {
    const { path, journal } = place();
    writeFileSync(journal, journalBytes.subarray(0, length));
    expect(await recoverInPlace(path, [format])).toBe("discarded");
    expect(Buffer.compare(bytesOf(path), before)).toBe(0);
    expect(readdirSync(dirname(path))).toEqual(["base.img"]);
  }
});

test("so has one of which sectors did not come to the disk", async () => {
  for (const sector of [0, 1, 60, Math.floor(journalBytes.length / 512)]) {
    const { path, journal } = place();
    writeFileSync(journal, new Uint8Array(journalBytes).fill(0, sector * 512, (sector + 1) * 512));
    expect(await recoverInPlace(path, [format])).toBe("discarded");
    expect(Buffer.compare(bytesOf(path), before)).toBe(0);
  }
});

test("what is no journal, or one of another version, is refused and stays", async () => {
  const newer = Buffer.from(journalBytes);
  newer.writeUInt16LE(2, 8);
  for (const [bytes, code] of [
    [Buffer.from("notes about base.img, to be kept"), "STAMP_JOURNAL_FOREIGN"],
    [Buffer.from("x"), "STAMP_JOURNAL_FOREIGN"],
    [newer, "STAMP_JOURNAL_VERSION"],
  ] as const) {
    const { path, journal } = place();
    writeFileSync(journal, bytes);
    await expect(recoverInPlace(path, [format])).rejects.toMatchObject({ code });
    expect(Buffer.compare(bytesOf(journal), bytes)).toBe(0);
  }
});

test("a link or a directory in the journal's place is refused", async () => {
  const one = place(torn);
  const elsewhere = join(temporaryDirectory(), "journal");
  writeFileSync(elsewhere, journalBytes);
  symlinkSync(elsewhere, one.journal);
  await expect(recoverInPlace(one.path, [format])).rejects.toMatchObject({ code: "SOURCE_NOT_A_FILE" });
  rmSync(one.journal);
  mkdirSync(one.journal);
  await expect(recoverInPlace(one.path, [format])).rejects.toMatchObject({ code: "SOURCE_NOT_A_FILE" });
  expect(Buffer.compare(bytesOf(one.path), torn)).toBe(0);
});

const isRoot = process.geteuid?.() === 0;

test(
  "a journal of a stranger is refused, one of the file's owner is not",
  when(isRoot, "not root"),
  async () => {
    const { path, journal } = place(torn);
    writeFileSync(journal, journalBytes);
    chownSync(journal, 12_345, 12_345);
    await expect(recoverInPlace(path, [format])).rejects.toMatchObject({
      code: "STAMP_JOURNAL_FOREIGN",
      message: expect.stringContaining("user 12345"),
    });
    chownSync(path, 12_345, 12_345);
    expect(await recoverInPlace(path, [format])).toBe("undone");
  },
);

test("journals made up by one who knows the sums change nothing, or are refused by name", async () => {
  const { path, journal } = place(torn);
  const edits = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(edits, fc.boolean(), async (changes, cut) => {
      const body = new Uint8Array(journalBytes.subarray(0, cut ? 300 : -4));
      for (const [at, value] of changes) body[at % body.length] = value;
      const view = Buffer.from(body.buffer);
      if (cut) view.writeBigUInt64LE(BigInt(body.length + 4), 24);
      const end = Buffer.alloc(4);
      end.writeUInt32LE(crc32(body));
      writeFileSync(journal, Buffer.concat([body, end]));
      const outcome = await recoverInPlace(path, [format]).catch((error: unknown) => error);
      const known =
        outcome instanceof Fault ? outcome.code.startsWith("STAMP_JOURNAL_") : outcome === "discarded";
      // What is still a journal of this file may say what it likes was there: put back what the tests begin with.
      expect(known || outcome === "undone").toBe(true);
      writeFileSync(path, torn);
    }),
    { numRuns: 150 },
  );
});
