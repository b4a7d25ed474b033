import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { requires } from "@bootstamp/witnesses";
import { findGzip, nodeGzip } from "../src/ask-gzip.ts";

const folder = mkdtempSync(join(tmpdir(), "bootstamp-demo-gzip-"));
afterAll(() => rmSync(folder, { recursive: true }));

const good = join(folder, "good.gz");
const damaged = join(folder, "damaged.gz");
const packed = gzipSync(Buffer.alloc(100_000, "words "));
writeFileSync(good, packed);
const wrong = Buffer.from(packed);
wrong.writeUInt32LE(wrong.readUInt32LE(wrong.length - 8) ^ 1, wrong.length - 8);
writeFileSync(damaged, wrong);

describe.each([
  ["the system's gzip", findGzip, requires("gzip")],
  ["node:zlib", () => nodeGzip, {}],
])("%s", (_name, gzip, guard) => {
  test("says ok of a good file and complains of a damaged one", guard, async () => {
    expect(await gzip().test(good)).toBe("ok");
    expect(await gzip().test(damaged)).toMatch(/crc|incorrect data check/i);
  });

  test("says ok of no file that is not there", guard, async () => {
    expect(await gzip().test(join(folder, "absent.gz"))).toMatch(/no such file/i);
  });

  test("compresses a file and says how long that took", guard, async () => {
    expect(await gzip().compress(damaged)).toBeGreaterThan(0);
  });
});
