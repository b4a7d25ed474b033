import { describe, expect, test } from "vitest";
import { durationText, shareText, sizeText } from "../../src/report/quantity.ts";

describe("sizes", () => {
  test.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [1023, "1023 bytes"],
    [1024, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [150 * 1024, "150 KiB"],
    [2 ** 30, "1.0 GiB"],
    [5 * 2 ** 40, "5.0 TiB"],
  ])("%d", (bytes, text) => expect(sizeText(bytes)).toBe(text));
});

describe("durations", () => {
  test.each([
    [0.0012, "1.2 ms"],
    [0.05, "50 ms"],
    [0.0996, "0.1 s"],
    [9.94, "9.9 s"],
    [42.2, "42 s"],
    [187, "3:07 min"],
    [7385, "2:03:05 h"],
  ])("%d s", (seconds, text) => expect(durationText(seconds)).toBe(text));
});

describe("shares", () => {
  test.each([
    [0, 0, "0 %"],
    [1, 3000, "0.03 %"],
    [1, 30, "3.3 %"],
    [9, 20, "45 %"],
  ])("%d of %d", (part, whole, text) => expect(shareText(part, whole)).toBe(text));
});
