import { writeFile } from "node:fs/promises";
import { MemorySource } from "@bootstamp/byte-source";
import { pressInMemory, textBytes, unpackInMemory, zeroSource } from "@bootstamp/format-contract";
import type { SegmentMap } from "@bootstamp/segment-map";
import { requires, runBytes } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import { describe, expect, test } from "vitest";
import { listBlocks } from "./fixtures/list-blocks.ts";
import { temporaryFolder } from "./fixtures/temporary-folder.ts";

const mebibyte = 2 ** 20;
const at = temporaryFolder();

function pressZeros(length: number): Promise<Uint8Array> {
  return pressInMemory(xz, zeroSource(length), [], {});
}

function kinds(map: SegmentMap): string[] {
  return map.segments.map(({ kind }) => kind);
}

/** Around what a match holds, what a chunk holds, and what a segment holds. */
const lengths = [
  [1, 2, 3, 273, 274, 275, 546, 547, 548, 1000],
  [-1, 0, 1, 273, 274].map((more) => 2 * mebibyte + more),
  [-1, 0, 1].map((more) => 16 * mebibyte + more),
].flat();

describe.each(lengths)("%d zeros", (length) => {
  test("decode to themselves and are known again", async () => {
    const packed = await pressZeros(length);
    const { map, raw } = await unpackInMemory(xz, packed);
    expect(raw.length).toBe(length);
    expect(raw.every((byte) => byte === 0)).toBe(true);
    expect(kinds(map).every((kind) => kind === "zero")).toBe(true);
    expect(packed.length).toBeLessThan(200 + length / 5000);
    expect(await xz.readOutline(new MemorySource(packed))).toEqual({ ...map, rawCrc32: undefined });
  });

  test("decode in xz", requires("xz"), async () => {
    const decoded = await runBytes("xz", ["-dc"], { input: await pressZeros(length) });
    expect(decoded.length).toBe(length);
    expect(decoded.every((byte) => byte === 0)).toBe(true);
  });
});

test("a zero segment is about as short as xz's would be", requires("xz"), async () => {
  const encoder = await xz.createEncoder(xz.settle({}));
  const ours = await encoder.zeros(4 * mebibyte);
  const args = ["--format=raw", "--lzma2=preset=6", "-c"];
  const theirs = await runBytes("xz", args, { input: new Uint8Array(4 * mebibyte) });
  expect(ours.bytes.length).toBeLessThan(theirs.length + 100);
});

test("what is zeros alone is a zero segment, whoever asks", async () => {
  const encoder = await xz.createEncoder(xz.settle({}));
  expect(await encoder.compress(new Uint8Array(100_000))).toEqual(await encoder.zeros(100_000));
});

describe("zeros at the ends of a segment are packed apart:", () => {
  test.each([
    [70_000, 100, 0],
    [0, 100, 70_000],
    [65_536, 1, 65_536],
    [65_535, 1, 65_535],
    [100, 5000, 100],
    [1, 70_000, 1],
    [3 * mebibyte + 5, 5000, 2 * mebibyte + 7],
    [4097, 1, mebibyte],
  ])("%d, then %d of text, then %d", requires("xz"), async (before, length, after) => {
    const image = Buffer.concat([Buffer.alloc(before), textBytes(length), Buffer.alloc(after)]);
    const packed = await pressInMemory(xz, new MemorySource(image), [], { level: 0 });
    const { map, raw } = await unpackInMemory(xz, packed);
    expect(Buffer.compare(raw, image)).toBe(0);
    expect(kinds(map)).toEqual(["compressed"]);
    expect(Buffer.compare(await runBytes("xz", ["-dc"], { input: packed }), image)).toBe(0);
  });

  test("so that it takes the engine no dictionary for them", requires("xz"), async () => {
    const image = Buffer.concat([Buffer.alloc(3 * mebibyte), textBytes(5000), Buffer.alloc(mebibyte)]);
    const packed = await pressInMemory(xz, new MemorySource(image), [], {});
    await writeFile(at("ends.xz"), packed);
    expect((await listBlocks(at("ends.xz"))).map(({ filters }) => filters)).toEqual(["--lzma2=dict=6KiB"]);
  });
});

test("zeros that another program packed are compressed as any bytes", requires("xz"), async () => {
  const packed = await runBytes("xz", ["-0", "-T2", "-c"], { input: new Uint8Array(100_000) });
  expect(kinds(await xz.readMap(new MemorySource(packed)))).toEqual(["compressed"]);
});

test("zero segments with the same bytes, but one, are not taken for zeros", async () => {
  const packed = await pressZeros(100_000);
  const map = await xz.readMap(new MemorySource(packed));
  for (let offset = 32; offset < packed.length - 60; offset += 7) {
    const copy = packed.slice();
    copy[offset] = (copy[offset] ?? 0) ^ 1;
    expect(kinds(await xz.readMap(new MemorySource(copy)))).toEqual(["compressed"]);
  }
  expect(kinds(map)).toEqual(["zero"]);
});
