import type { Patch } from "@bootstamp/byte-source";
import {
  checkReplaced,
  dealPatch,
  type SegmentKind,
  type SegmentMap,
  splicedParts,
  stampingCost,
  touchedSegments,
} from "@bootstamp/segment-map";
import { describe, expect, test } from "vitest";

/** A map of segments of 100 bytes. */
function mapOf(kinds: readonly SegmentKind[]): SegmentMap {
  const segments = kinds.map((kind, index) => ({
    kind,
    rawOffset: index * 100,
    rawLength: 100,
    packedOffset: index * 110,
    packedLength: 110,
  }));
  const unknown = { base: undefined, rawCrc32: undefined, engine: undefined };
  const lengths = { rawLength: kinds.length * 100, packedLength: kinds.length * 110 };
  return { format: "test", ...unknown, ...lengths, segments };
}

function runAt(offset: number, length: number): Patch[number] {
  return { offset, bytes: new Uint8Array(length).map((_, index) => offset + index), replacedCrc32: 0 };
}

test("a patch is dealt out to the segments that it touches, in order", () => {
  const map = mapOf(["compressed", "stored", "stored", "zero", "stored"]);
  const touched = touchedSegments(map, [runAt(110, 5), runAt(190, 20), runAt(400, 100)]);
  const outline = touched.map(({ index, segment, parts }) => ({
    index,
    rawOffset: segment.rawOffset,
    parts: parts.map(({ run, offset, bytes }) => [run, offset, bytes.length, bytes[0]]),
  }));
  expect(outline).toEqual([
    {
      index: 1,
      rawOffset: 100,
      parts: [
        [0, 10, 5, 110],
        [1, 90, 10, 190],
      ],
    },
    { index: 2, rawOffset: 200, parts: [[1, 0, 10, 200]] },
    { index: 4, rawOffset: 400, parts: [[2, 0, 100, 400 % 256]] },
  ]);
  expect(touchedSegments(map, [])).toEqual([]);
});

describe("a patch of what is not stored is refused, and told what is", () => {
  const alternating = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? "stored" : "compressed"));
  const cases = [
    [["compressed", "zero"], runAt(10, 5), "offset 10, which are not stored from 10 on", "none"],
    [
      ["stored", "compressed"],
      runAt(95, 10),
      "offset 95, which are not stored from 100 on",
      "100 bytes at 0",
    ],
    [["stored", "stored"], runAt(195, 10), "which reach beyond the image of 200 bytes", "200 bytes at 0"],
    [[], runAt(0, 1), "which reach beyond the image of 0 bytes", "none"],
    [
      alternating,
      runAt(100, 1),
      "which are not stored from 100 on",
      "100 bytes at 0, 100 bytes at 200, 100 bytes at 400, 100 bytes at 600, and 6 more",
    ],
  ] as const;
  test.each(cases)("%#", (kinds, run, why, stored) => {
    const touching = (): unknown => touchedSegments(mapOf(kinds), [run]);
    expect(touching).toThrow(
      expect.objectContaining({
        code: "MAP_PATCH_NOT_STORED",
        fields: { offset: run.offset, length: run.bytes.length, stored },
        message: expect.stringMatching(new RegExp(`${why}; stored extents: ${stored}$`)),
      }),
    );
  });
});

test("runs that overlap or are out of order are a mistake of the caller", () => {
  const map = mapOf(["stored", "stored"]);
  expect(() => touchedSegments(map, [runAt(10, 5), runAt(14, 1)])).toThrow(RangeError);
  expect(() => touchedSegments(map, [runAt(100, 5), runAt(10, 1)])).toThrow(RangeError);
});

test("a patch that replaces other bytes than it was made for is refused at the run that shows it", () => {
  const patch = [
    { ...runAt(10, 5), replacedCrc32: 7 },
    { ...runAt(20, 3), replacedCrc32: 8 },
  ];
  expect(() => checkReplaced(patch, [7, 8])).not.toThrow();
  expect(() => checkReplaced(patch, [7, 0xab])).toThrow(
    expect.objectContaining({
      code: "MAP_PATCH_OTHER_BASE",
      fields: { offset: 20 },
      message: "the patch at offset 20 replaces 3 bytes of CRC-32 00000008, the file has 000000ab",
    }),
  );
});

test("a patch that may be spliced is dealt out to segments of every kind, within the image", () => {
  const map = mapOf(["compressed", "stored", "zero"]);
  expect(dealPatch(map, [runAt(90, 120)]).map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(() => dealPatch(map, [runAt(299, 2)])).toThrow(
    expect.objectContaining({ code: "MAP_PATCH_NOT_STORED" }),
  );
});

test("stamping costs the segments that are touched and not stored, and what is behind the first of them", () => {
  const map = mapOf(["compressed", "stored", "zero", "compressed"]);
  expect(stampingCost(map, [{ offset: 100, length: 100 }])).toEqual({
    segments: 0,
    rawBytes: 0,
    packedBytes: 0,
    movedBytes: 0,
  });
  const extents = [
    { offset: 150, length: 60 },
    { offset: 220, length: 1 },
    { offset: 300, length: 1 },
  ];
  expect(stampingCost(map, extents)).toEqual({
    segments: 2,
    rawBytes: 200,
    packedBytes: 220,
    movedBytes: 110,
  });
});

test("a spliced file is head, what is kept, new segments in the places of old ones, and tail", () => {
  const map = mapOf(["compressed", "stored", "compressed"]);
  const piece = { rawOffset: 200, rawLength: 100, stored: false };
  const written = { piece, kind: "compressed", packedLength: 70, rawCrc32: 0, note: undefined } as const;
  const segment = { index: 2, pieces: [written] };
  const frame = { head: new Uint8Array(3), tail: new Uint8Array(4) };
  const parts = splicedParts(map, [segment], { ...frame, bodyOffset: 0, bodyEnd: 330 });
  expect(parts.map(({ kind, length }) => [kind, length])).toEqual([
    ["frame", 3],
    ["kept", 220],
    ["new", 70],
    ["frame", 4],
  ]);
});
