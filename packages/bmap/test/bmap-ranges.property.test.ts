import { bmapRanges, changedRanges } from "@bootstamp/bmap";
import type { PatchRun } from "@bootstamp/byte-source";
import type { Extent, Segment, SegmentKind, SegmentMap } from "@bootstamp/segment-map";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const block = 4096;

/** A map whose segments have the given kinds and lengths. */
function mapOf(parts: readonly (readonly [SegmentKind, number])[]): SegmentMap {
  let rawOffset = 0;
  const segments: Segment[] = parts.map(([kind, rawLength]) => {
    const segment = { kind, rawOffset, rawLength, packedOffset: rawOffset, packedLength: rawLength };
    rawOffset += rawLength;
    return segment;
  });
  const base = undefined;
  return {
    format: "x",
    rawLength: rawOffset,
    packedLength: rawOffset,
    segments,
    base,
    rawCrc32: 0,
    engine: "",
  };
}

/** For each block of the image, the kinds of what lies in it. */
function kindsOfBlocks(map: SegmentMap): Set<SegmentKind>[] {
  return Array.from({ length: Math.ceil(map.rawLength / block) }, (_, index) => {
    const inside = map.segments.filter(
      ({ rawOffset, rawLength }) => rawOffset < (index + 1) * block && rawOffset + rawLength > index * block,
    );
    return new Set(inside.map(({ kind }) => kind));
  });
}

function blocksOf(ranges: readonly Extent[]): number[] {
  return ranges.flatMap(({ offset, length }) =>
    Array.from({ length: Math.ceil(length / block) }, (_, index) => offset / block + index),
  );
}

const kind = fc.constantFrom<SegmentKind>("stored", "compressed", "zero");
const aligned = fc.integer({ min: 1, max: 5 }).map((blocks) => blocks * block);
const maps = fc
  .array(fc.tuple(kind, fc.oneof({ weight: 4, arbitrary: aligned }, fc.integer({ min: 1, max: 9000 }))), {
    maxLength: 12,
  })
  .map(mapOf);

test("every block that is not all zeros is in one range, and no other", () => {
  fc.assert(
    fc.property(maps, (map) => {
      const expected = [...kindsOfBlocks(map).entries()].filter(
        ([, kinds]) => kinds.has("stored") || kinds.has("compressed"),
      );
      expect(blocksOf(bmapRanges(map, "holes"))).toEqual(expected.map(([index]) => index));
      expect(blocksOf(bmapRanges(map, "written"))).toEqual([...kindsOfBlocks(map).keys()]);
    }),
  );
});

test("ranges are whole blocks up to the end of the image, and stored blocks are in ranges of their own", () => {
  fc.assert(
    fc.property(maps, fc.constantFrom("holes", "written"), (map, zeros) => {
      const kinds = kindsOfBlocks(map);
      for (const range of bmapRanges(map, zeros)) {
        expect(range.offset % block).toBe(0);
        expect(range.length % block === 0 || range.offset + range.length === map.rawLength).toBe(true);
        const stored = blocksOf([range]).map((index) => kinds[index]?.has("stored"));
        expect(new Set(stored).size).toBe(1);
      }
    }),
  );
});

test("a long range is cut at multiples of 64 MiB", () => {
  const mib = 1 << 20;
  const ranges = bmapRanges(
    mapOf([
      ["zero", 10 * mib],
      ["compressed", 140 * mib],
    ]),
    "holes",
  );
  expect(ranges.map(({ offset, length }) => [offset / mib, length / mib])).toEqual([
    [10, 54],
    [64, 64],
    [128, 22],
  ]);
});

describe("the ranges that a patch changes", () => {
  const ranges = [
    { offset: 0, length: 8192 },
    { offset: 12_288, length: 4096 },
    { offset: 16_384, length: 4096 },
  ];
  test.each([
    ["nothing", [], []],
    ["a byte at the end of one", [run(8191, 1)], [0]],
    ["two runs in one", [run(0, 1), run(100, 1)], [0]],
    ["a run over two that touch", [run(16_000, 1000)], [1, 2]],
    ["the first and the last", [run(5, 5), run(20_000, 480)], [0, 2]],
  ])("%s", (_, patch, expected) => {
    expect(changedRanges(ranges, patch)).toEqual(expected);
  });

  test.each([[run(8192, 1)], [run(8000, 300)], [run(20_479, 2)]])("none holds all of it: %o", (outside) => {
    expect(() => changedRanges(ranges, [outside])).toThrow(RangeError);
  });
});

function run(offset: number, length: number): PatchRun {
  return { offset, bytes: new Uint8Array(length), replacedCrc32: 0 };
}
