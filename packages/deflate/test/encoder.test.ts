import { createHash } from "node:crypto";
import { randomBytes, textBytes } from "@bootstamp/format-contract";
import { defaultLevel, encoderVersion, maxLevel, maxRawLength, openEncoder } from "@bootstamp/deflate";
import { describe, expect, test } from "vitest";
import { inflated, inflatedByPako } from "./inflated.ts";
import { samples } from "./samples.ts";

const levels = Array.from({ length: maxLevel }, (_, index) => index + 1);

describe.each(samples)("%s", (_name, raw) => {
  test.each([1, 6, 9])("at level %d inflates to what it was", async (level) => {
    const deflate = await openEncoder(level);
    const packed = deflate(raw);
    expect(packed.length).toBeLessThanOrEqual(raw.length + raw.length / 128 + 16);
    expect(Buffer.compare(inflated(packed), raw)).toBe(0);
  });

  test("is the same to pako", async () => {
    const packed = (await openEncoder(defaultLevel))(raw);
    expect(Buffer.compare(inflatedByPako(packed), raw)).toBe(0);
  });
});

test("any length up to 300", async () => {
  const deflate = await openEncoder(defaultLevel);
  for (let length = 1; length <= 300; length++) {
    for (const raw of [textBytes(length), randomBytes(length), new Uint8Array(length)])
      expect(Buffer.compare(inflated(deflate(raw)), raw)).toBe(0);
  }
});

test("what was deflated before does not matter", async () => {
  const [used, fresh] = [await openEncoder(9), await openEncoder(9)];
  const raw = textBytes(30_003, 5);
  used(randomBytes(maxRawLength));
  used(textBytes(maxRawLength, 5));
  expect(Buffer.compare(used(raw), fresh(raw))).toBe(0);
});

test("the result has a buffer of its own and stays as it is", async () => {
  const deflate = await openEncoder(1);
  const packed = deflate(textBytes(5000));
  const copy = packed.slice();
  deflate(randomBytes(5000));
  expect(packed).toEqual(copy);
  expect(packed.byteLength).toBe(packed.buffer.byteLength);
});

test.each([0, maxRawLength + 1])("%d bytes are refused", async (length) => {
  const deflate = await openEncoder(1);
  expect(() => deflate(new Uint8Array(length))).toThrow(RangeError);
});

test.each([0, maxLevel + 1, 1.5, Number.NaN])("level %d is refused", async (level) => {
  await expect(openEncoder(level)).rejects.toThrow(RangeError);
});

test("a higher level makes nothing larger of text", async () => {
  const lengths = await Promise.all(
    levels.map(async (level) => (await openEncoder(level))(textBytes(maxRawLength)).length),
  );
  expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
});

// Who changes the encoder so that this fails makes images that no longer match their maps' engine: then a new version.
test("version 1 makes these bytes", async () => {
  const digests: Record<string, string> = {};
  for (const level of levels) {
    const deflate = await openEncoder(level);
    const hash = createHash("sha256");
    for (const [, raw] of samples) hash.update(deflate(raw));
    digests[`${encoderVersion}, level ${level}`] = hash.digest("hex").slice(0, 16);
  }
  expect(digests).toMatchInlineSnapshot(`
    {
      "1, level 1": "473fb9d14c5175e4",
      "1, level 2": "1b681c261c3577ff",
      "1, level 3": "bcf58b55ac071d68",
      "1, level 4": "ee8fd55aa47ca620",
      "1, level 5": "1507f5c6fe95b190",
      "1, level 6": "da5426bff7ebc96a",
      "1, level 7": "8661dbcb27afbd33",
      "1, level 8": "533718e727786230",
      "1, level 9": "533718e727786230",
    }
  `);
});
