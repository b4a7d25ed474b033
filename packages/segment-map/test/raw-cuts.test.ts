import { checkStorable, cutEvery, rawRuns } from "@bootstamp/segment-map";
import { describe, expect, test } from "vitest";

test("an image is its stored extents and what lies between them", () => {
  const stored = [
    { offset: 0, length: 10 },
    { offset: 10, length: 5 },
    { offset: 30, length: 20 },
  ];
  const runs = [...rawRuns(60, stored)].map((run) => [run.rawOffset, run.rawLength, run.stored]);
  expect(runs).toEqual([
    [0, 10, true],
    [10, 5, true],
    [15, 15, false],
    [30, 20, true],
    [50, 10, false],
  ]);
  expect([...rawRuns(0, [])]).toEqual([]);
});

test("a run is cut from its beginning, the last part as long as it comes", () => {
  const cuts = [...cutEvery({ rawOffset: 5, rawLength: 25, stored: true }, 10)];
  expect(cuts.map(({ rawOffset, rawLength }) => [rawOffset, rawLength])).toEqual([
    [5, 10],
    [15, 10],
    [25, 5],
  ]);
  expect(cuts.every(({ stored }) => stored)).toBe(true);
});

describe("what may be stored is whole blocks of the image", () => {
  test("but the last one, which ends where the image does", () => {
    expect(() => checkStorable(4097, [{ offset: 4096, length: 1 }])).not.toThrow();
    expect(() => checkStorable(0, [])).not.toThrow();
  });

  test.each([
    [4097, [{ offset: 4095, length: 2 }]],
    [9000, [{ offset: 4096, length: 1 }]],
    [8192, [{ offset: 4096, length: 8192 }]],
    [-1, []],
    [2 ** 53, []],
    [Number.NaN, []],
  ])("and nothing else: %d bytes with %o", (length, stored) => {
    expect(() => checkStorable(length, stored)).toThrow(RangeError);
  });
});
