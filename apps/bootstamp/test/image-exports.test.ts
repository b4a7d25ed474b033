// What clients of an NBD server are shown of an image, where no client tells it.
import { MemorySource } from "@bootstamp/byte-source";
import { maxCacheHold } from "@bootstamp/nbd";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { imageExports } from "../src/image-exports.ts";
import { readLayout } from "../src/open-image.ts";

const info = await buildImage("tiny", { boot: "fat16" });
const boot = partitionOf(info, "boot");

/** The exports of the image, and what is read of it for them. */
async function watched() {
  const bytes = new MemorySource(readFileSync(info.path));
  const reads: (readonly [offset: number, length: number, signal: AbortSignal | undefined])[] = [];
  const raw = {
    length: bytes.length,
    read: async (offset: number, length: number, signal?: AbortSignal) => {
      reads.push([offset, length, signal]);
      return await bytes.read(offset, length);
    },
  };
  const exports = imageExports({ raw }, await readLayout(bytes));
  const [whole, part] = ["", `p${boot.number}`].map((name) => exports.find((each) => each.name === name));
  return { whole, part, reads };
}

describe("an export", () => {
  test("caches by reading all of a range, a bounded piece at a time", async () => {
    const { part, reads } = await watched();
    const { signal } = new AbortController();
    const length = 2 * maxCacheHold + 5;
    await part?.cache?.(1000, length, signal);
    const start = boot.offset + 1000;
    expect(reads.map(([offset, count]) => [offset - start, count])).toEqual([
      [0, maxCacheHold],
      [maxCacheHold, maxCacheHold],
      [2 * maxCacheHold, 5],
    ]);
  });

  test("reads for nobody any more when its client is gone", async () => {
    const { whole, part, reads } = await watched();
    const gone = new AbortController();
    await whole?.read(0, 10, gone.signal);
    await part?.read(0, 10, gone.signal);
    expect(reads).toEqual([
      [0, 10, gone.signal],
      [boot.offset, 10, gone.signal],
    ]);
    gone.abort();
    await part?.cache?.(0, boot.length, gone.signal);
    expect(reads).toHaveLength(2);
  });
});
