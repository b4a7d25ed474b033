import type { ByteRange } from "@bootstamp/layout";
import { judgeLayout, type JudgeFacts } from "@bootstamp/layout-plan";
import { expect, test } from "vitest";
import { layoutWith, mebibyte, planOf } from "./layouts.ts";

const leastPart = 5 * mebibyte;

/** S3's rule for an object with one window that differs, and a trailer of 8 bytes. */
function uploadLength(window: ByteRange, length: number): number {
  const start = window.offset < leastPart ? 0 : window.offset;
  const end = Math.max(window.offset + window.length, start + leastPart);
  return length - 8 - end < leastPart ? length - start : end - start + 8;
}

/** Of a coreos-like image: everything compresses to a quarter. */
const facts: JudgeFacts = {
  storedAlignment: 128 << 10,
  contentLength: () => 100 * mebibyte,
  reserve: 28 * mebibyte,
  packedLength: ({ length }) => length / 4,
  digests: { artifact: true, raw: true },
  hashRate: 500 * mebibyte,
  uploadLength,
};

const coreos = planOf(
  layoutWith(
    "size: 2561MiB\n",
    "name: esp, type: esp, size: 128MiB",
    "name: boot, type: xbootldr, size: 384MiB",
    "name: root, type: root-x86-64, weight: 1",
  ),
).table;

test("each change has its figures, and all together theirs", () => {
  const { now, changes, notes } = judgeLayout(coreos, [2], facts);
  // 129 MiB before, 384 MiB of it, 2048 MiB behind
  const packed = 129 / 4 + 384 + 2048 / 4;
  expect(now).toEqual({
    storedBytes: 384 * mebibyte,
    hashedBytes: (384 + 512 + 384 + 2048) * mebibyte,
    hashSeconds: (384 + 512 + 384 + 2048) / 500,
    uploadBytes: 384 * mebibyte + 8,
  });
  expect(changes.map(({ change, partitions }) => [change, partitions])).toEqual([
    ["last", [2]],
    ["shrunk", [2]],
    ["all", [2]],
  ]);
  const [last, shrunk, all] = changes;
  expect(last?.saving).toEqual({
    storedBytes: 0,
    hashedBytes: (512 + 2048) * mebibyte,
    hashSeconds: (512 + 2048) / 500,
    uploadBytes: 8,
  });
  expect(last?.caution).toContain("first boot");
  expect(shrunk?.saving).toEqual({
    storedBytes: 256 * mebibyte,
    hashedBytes: 2 * 256 * mebibyte,
    hashSeconds: 512 / 500,
    uploadBytes: 256 * mebibyte,
  });
  expect(all?.cost).toMatchObject({ storedBytes: 128 * mebibyte, hashedBytes: 256 * mebibyte });
  expect(packed).toBeGreaterThan(0);
  expect(notes).toEqual([]);
});

test("nothing is recommended where nothing is saved", () => {
  const { table } = planOf(
    layoutWith("table: mbr\n", "name: root, size: 64MiB", "name: boot, size: 16MiB, variable: true"),
  );
  const best = { ...facts, contentLength: () => 10 * mebibyte, reserve: 6 * mebibyte };
  expect(judgeLayout(table, [2], best).changes).toEqual([]);
});

test("a partition that starts and ends inside stored blocks can be aligned", () => {
  const { table } = planOf(
    layoutWith(
      "table: mbr\nsize: 68MiB\nalign: 4KiB\n",
      "name: root, offset: 1MiB, size: 64516KiB",
      "name: boot, size: 2048KiB",
    ),
  );
  const { changes } = judgeLayout(table, [2], { ...facts, contentLength: () => undefined });
  expect(changes.find(({ change }) => change === "aligned")?.saving.storedBytes).toBe(128 << 10);
});

test("without a rate there are no seconds, and digests that nobody makes cost nothing", () => {
  const { hashRate: _, ...rest } = facts;
  const { now } = judgeLayout(coreos, [2], { ...rest, digests: { artifact: false, raw: false } });
  expect(now).toMatchObject({ hashedBytes: 0, hashSeconds: undefined });
});

test("of what is stored in part, shrinking saves no stored bytes", () => {
  const { now, changes } = judgeLayout(coreos, [2], { ...facts, storedLength: () => 3 * mebibyte });
  expect(now.storedBytes).toBe(3 * mebibyte);
  expect(changes.find(({ change }) => change === "shrunk")?.saving).toMatchObject({
    storedBytes: 0,
    hashedBytes: 256 * mebibyte,
  });
});

test("a FAT partition of an MBR, and anything beside logical partitions, stays where it is", () => {
  const pi = planOf(
    layoutWith("table: mbr\n", "name: boot, type: 0x0c, size: 512MiB", "name: root, size: 2GiB"),
  ).table;
  const judged = judgeLayout(pi, [1], facts);
  expect(judged.changes.map(({ change }) => change)).toEqual(["shrunk"]);
  expect(judged.notes).toEqual([
    "partition 1 is not considered for the last place: firmware that reads an MBR takes the first FAT partition",
  ]);
  const logical = planOf(
    layoutWith("table: mbr\n", "name: boot, size: 512MiB", "size: 64MiB, logical: true"),
  ).table;
  expect(judgeLayout(logical, [1], facts).notes).toEqual([
    "no partition is considered for the last place: there are logical partitions",
  ]);
});

test("without a region nothing costs anything", () => {
  expect(judgeLayout(coreos, [9], facts)).toEqual({
    now: { storedBytes: 0, hashedBytes: 0, hashSeconds: undefined, uploadBytes: 0 },
    changes: [],
    notes: [],
  });
});
