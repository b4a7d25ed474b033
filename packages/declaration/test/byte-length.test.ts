import { describeLength, formatByteLength, parseByteLength } from "@bootstamp/declaration";
import { expect, test } from "vitest";

test("lengths are whole numbers of bytes, units powers of 1024", () => {
  const lengths = { "0": 0, "512B": 512, "16KiB": 16_384, "4 MiB": 4 << 20, "1.5k": 1536, "384M": 384 << 20 };
  for (const [text, length] of Object.entries(lengths)) expect(parseByteLength(text)).toBe(length);
  expect(parseByteLength("1PiB")).toBe(2 ** 50);
  for (const text of ["", "-1", "1.1", "2PiB", "1KB", "0x10", "1e3", "MiB", "4  MiB", "1.0000000001k"])
    expect(parseByteLength(text)).toBeUndefined();
});

test("what is written reads back, in the largest unit that is whole", () => {
  expect([0, 1000, 1536, 1024, 4 << 20, 2 ** 40].map(formatByteLength)).toEqual([
    0,
    1000,
    1536,
    "1KiB",
    "4MiB",
    "1TiB",
  ]);
  expect([1000, 4 << 20].map(describeLength)).toEqual(["1000 bytes", "4 MiB"]);
});
