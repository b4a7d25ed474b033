import { createHash } from "node:crypto";
import { appendFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FileSource } from "@bootstamp/byte-source";
import { crc64nvme } from "@bootstamp/crc";
import { openDigester } from "@bootstamp/stamp";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { noise, openFile, overwritesOf, withOverwrites } from "./patched-bytes.ts";

// Longer than two of a thread's windows, and no multiple of one.
const base = noise(700_001);
const file = openFile(base);
const digester = openDigester({ threads: 2 });

afterAll(async () => {
  await digester.close();
  file.close();
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("a digest is that of the patched bytes, alone and among variants", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(overwritesOf(base.length), { minLength: 1, maxLength: 7 }),
      async (variants) => {
        const expected = variants.map((overwrites) => sha256(withOverwrites(base, overwrites)));
        expect(await digester.digestVariants({ file, variants })).toEqual(expected);
        expect(await digester.digest({ file, overwrites: variants[0] ?? [] })).toBe(expected[0]);
      },
    ),
    { numRuns: 25 },
  );
});

test.each([
  ["the first byte", 0],
  ["the last byte of the first window", 262_143],
  ["the first byte of the second window", 262_144],
  ["the last byte", base.length - 1],
])("%s may be what a variant changes", async (_, offset) => {
  const overwrites = [{ offset, bytes: Uint8Array.of((base[offset] ?? 0) ^ 0xff) }];
  const expected = [overwrites, []].map((each) => sha256(withOverwrites(base, each)));
  expect(await digester.digestVariants({ file, variants: [overwrites, []] })).toEqual(expected);
});

test("a file without overwrites, no variants and an empty file are ordinary", async () => {
  expect(await digester.digest({ file })).toBe(sha256(base));
  expect(await digester.digestVariants({ file, variants: [] })).toEqual([]);
  const empty = openFile(new Uint8Array());
  expect(await digester.digest({ file: empty })).toBe(sha256(new Uint8Array()));
  expect(await digester.crc64nvme({ file: empty })).toBe(0n);
  empty.close();
});

test("a thread that goes on from a kept state comes to the same digest", async () => {
  // A file that has been there for a while: of a young one no state is kept.
  const settled = FileSource.open(fileURLToPath(import.meta.resolve("fast-check")));
  const bytes = await settled.read(0, settled.length);
  const one = openDigester({ threads: 1 });
  for (const offset of [900, 500, 900, 1200, 1100, bytes.length - 5]) {
    const overwrites = [{ offset, bytes: noise(5, offset) }];
    const digest = await one.digest({ file: settled, overwrites });
    expect(digest).toBe(sha256(withOverwrites(bytes, overwrites)));
  }
  await one.close();
  settled.close();
});

test("progress ends at the bytes of all variants", async () => {
  const reports: number[] = [];
  const variants = [[], [{ offset: 300_000, bytes: noise(5) }], []];
  await digester.digestVariants({ file, variants, onProgress: (done) => reports.push(done) });
  expect(reports.at(-1)).toBe(3 * base.length);
});

test("ranges are digested with their overwrites, in their order", async () => {
  const overwrites = [
    { offset: 0, bytes: noise(10, 2) },
    { offset: 299_990, bytes: noise(20, 3) },
  ];
  const ranges = [
    { offset: 300_000, length: 400_001 },
    { offset: 0, length: 4096 },
    { offset: 8192, length: 291_808 },
    { offset: 5000, length: 0 },
  ];
  const patched = withOverwrites(base, overwrites);
  const expected = ranges.map(({ offset, length }) => sha256(patched.subarray(offset, offset + length)));
  expect(await digester.digestRanges({ file, ranges, overwrites })).toEqual(expected);
});

test("the CRC-64 of a file is the same in any number of threads", async () => {
  expect(await digester.crc64nvme({ file })).toBe(crc64nvme.of(base));
  const three = openDigester({ threads: 3 });
  expect(await three.crc64nvme({ file })).toBe(crc64nvme.of(base));
  await three.close();
});

test("overwrites that overlap are refused", async () => {
  const overwrites = [
    { offset: 5, bytes: noise(10) },
    { offset: 14, bytes: noise(1) },
  ];
  await expect(digester.digest({ file, overwrites })).rejects.toThrow(RangeError);
  await expect(digester.digestVariants({ file, variants: [overwrites] })).rejects.toThrow(RangeError);
  await expect(digester.digestRanges({ file, ranges: [], overwrites })).rejects.toThrow(RangeError);
});

test("bytes that are part of a larger buffer are taken alone", async () => {
  const bytes = noise(100_000, 5).subarray(40_000, 40_100);
  const overwrites = [{ offset: 300_000, bytes }];
  expect(await digester.digest({ file, overwrites })).toBe(sha256(withOverwrites(base, overwrites)));
});

describe("a file that is not what it was", () => {
  test.each([
    ["longer", (path: string) => appendFileSync(path, "x")],
    ["shorter", (path: string) => truncateSync(path, 1000)],
    [
      "replaced",
      (path: string) => {
        rmSync(path);
        writeFileSync(path, base);
      },
    ],
  ])("is refused: %s", async (_, change) => {
    const changing = openFile(base);
    change(changing.path);
    await expect(digester.digest({ file: changing })).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    changing.close();
  });

  test("is refused when that happens while it is read", async () => {
    const changing = openFile(new Uint8Array());
    truncateSync(changing.path, 2 ** 30);
    const long = FileSource.open(changing.path);
    let reports = 0;
    const digest = digester.digest({
      file: long,
      onProgress: () => {
        if (reports++ === 0) writeFileSync(changing.path, "x", { flag: "r+" });
      },
    });
    await expect(digest).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    changing.close();
    long.close();
  });

  test("is refused when it is gone", async () => {
    const going = openFile(base);
    rmSync(going.path);
    await expect(digester.digest({ file: going })).rejects.toMatchObject({ code: "SOURCE_UNREADABLE" });
    going.close();
  });
});

describe("stopping", () => {
  // Sparse: ten minutes of hashing that take no room on disk.
  const endless = openFile(new Uint8Array());
  truncateSync(endless.path, 2 ** 40);
  const long = FileSource.open(endless.path);

  test("a signal ends what is under way, with its reason, and the threads go on to the next task", async () => {
    const reason = new Error("enough");
    const stop = new AbortController();
    const reports: number[] = [];
    const hashing = digester.digestVariants({
      file: long,
      variants: [[], []],
      signal: stop.signal,
      onProgress: (done) => {
        reports.push(done);
        if (done > 0) stop.abort(reason);
      },
    });
    await expect(hashing).rejects.toBe(reason);
    expect(reports.at(-1)).toBeGreaterThan(0);
    expect(await digester.digest({ file })).toBe(sha256(base));
  });

  test("a signal that was given before starts nothing", async () => {
    const reason = new Error("never mind");
    const signal = AbortSignal.abort(reason);
    await expect(digester.digest({ file: long, signal })).rejects.toBe(reason);
  });
});
