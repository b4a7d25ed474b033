import { deflateRawSync, inflateRawSync } from "node:zlib";
import { MemorySource } from "@bootstamp/byte-source";
import {
  mixedBytes,
  pressInMemory,
  randomBytes,
  textBytes,
  withWrites,
  zeroSource,
} from "@bootstamp/format-contract";
import { expect, test } from "vitest";
import { toyFormat } from "./toy-format.ts";

test("the press asks for zeros, compression and storage where each is due, and frames what comes", async () => {
  const image = new Uint8Array(30_000);
  image.set(textBytes(10_000), 5000);
  const packed = await pressInMemory(
    toyFormat,
    new MemorySource(image),
    [{ offset: 20_000, length: 10_000 }],
    {},
  );
  expect(Buffer.from(packed).toString("latin1")).toBe("<zero 5000 compressed 15000 stored 10000>");
});

test("the samples are the same each time, and of their kind", () => {
  for (const make of [randomBytes, textBytes, mixedBytes]) {
    expect(make(100_001)).toEqual(make(100_001));
    expect(make(100_001).length).toBe(100_001);
  }
  expect(deflateRawSync(randomBytes(100_000)).length).toBeGreaterThan(100_000);
  expect(deflateRawSync(textBytes(100_000)).length).toBeLessThan(50_000);
  expect(inflateRawSync(deflateRawSync(textBytes(100_000))).toString("latin1")).toMatch(/^[ -~\n]+$/);
});

test("a source of zeros gives zeros", () => {
  const target = new Uint8Array(10).fill(1);
  zeroSource(2 ** 40).readSync(2 ** 39, target);
  expect(target).toEqual(new Uint8Array(10));
});

test("writes go into a copy", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  expect(withWrites(bytes, [{ offset: 1, bytes: Uint8Array.of(9, 8) }])).toEqual(Uint8Array.of(1, 9, 8));
  expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
});
