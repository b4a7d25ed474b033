import { MemorySource } from "@bootstamp/byte-source";
import { pressInMemory, unpackInMemory, zeroSource } from "@bootstamp/format-contract";
import type { SegmentMap } from "@bootstamp/segment-map";
import { requires, runBytes } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import { describe, expect, test } from "vitest";

const mebibyte = 2 ** 20;

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
  });

  test("decode in xz", requires("xz"), async () => {
    const decoded = await runBytes("xz", ["-dc"], { input: await pressZeros(length) });
    expect(decoded.length).toBe(length);
    expect(decoded.every((byte) => byte === 0)).toBe(true);
  });
});

test("a zero segment is as short as the engine's would be", async () => {
  const encoder = await xz.createEncoder(xz.settle({}));
  const ours = await encoder.zeros(4 * mebibyte);
  const engines = await encoder.compress(new Uint8Array(4 * mebibyte));
  expect(ours.bytes.length).toBeLessThan(engines.bytes.length + 64);
  expect(engines.kind).toBe("compressed");
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
