import assert from "node:assert/strict";
import { type Extent, MapError, type StreamFormat, type StreamPlan } from "@bootstamp/segment-map";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { covers, everyOther, extentsIn, notableExtents } from "./stored-extents.ts";

const gibibyte = 2 ** 30;
const tebibyte = 2 ** 40;
/** The pieces of larger images are looked at only at their beginning. */
const allPiecesUpTo = 64 * gibibyte;

/** Declares the tests of how images are cut, of any length: nothing is encoded. */
export function describePlan(format: StreamFormat): void {
  const settings = format.settle({});
  const plan = (length: number, stored: readonly Extent[]): StreamPlan =>
    format.plan(length, stored, settings);

  describe.each([1, 4095, 4096, 2 ** 20 + 1, 5 * gibibyte + 512, 16 * tebibyte])(
    "a plan of %d bytes",
    (length) => {
      test.each(notableExtents(length))("with $name stored cuts the image without gaps", ({ stored }) => {
        expect(() => checkPlan(plan(length, stored), length, stored)).not.toThrow();
      });
    },
  );

  describe("a plan", () => {
    test("of nothing has no pieces", () => {
      expect([...plan(0, []).pieces()]).toEqual([]);
      expect(plan(0, []).stored).toEqual([]);
    });

    test("covers whatever is asked, and comes out the same again, also from what it says", () => {
      const lengths = fc.integer({ min: 1, max: 30_000_000 });
      const requests = lengths.chain((length) => fc.tuple(fc.constant(length), extentsIn(length)));
      fc.assert(
        fc.property(requests, ([length, stored]) => {
          const first = plan(length, stored);
          checkPlan(first, length, stored);
          expect(outline(plan(length, stored))).toEqual(outline(first));
          expect(outline(plan(length, first.stored))).toEqual(outline(first));
        }),
        { numRuns: 50 },
      );
    });

    test("holds tens of thousands of scattered blocks, or says that it cannot", () => {
      const stored = everyOther(30_000).map(({ offset, length }) => ({ offset: offset * 1000, length }));
      expect(coversOrRefuses(() => plan(16 * tebibyte, stored), stored)).toBe(true);
    });

    test.each(wrongRequests)("of %d bytes with %o stored is a mistake of the caller", (length, stored) => {
      expect(() => plan(length, stored)).toThrow(RangeError);
    });
  });
}

const wrongRequests: readonly (readonly [length: number, stored: readonly Extent[]])[] = [
  [8192, [{ offset: 1, length: 4096 }]],
  [8192, [{ offset: 0, length: 4095 }]],
  [8192, [{ offset: 0, length: 12_288 }]],
  [8192, [{ offset: 8192, length: 4096 }]],
  [8192, [{ offset: -4096, length: 4096 }]],
  [
    8192,
    [
      { offset: 4096, length: 4096 },
      { offset: 0, length: 4096 },
    ],
  ],
  [-1, []],
  [0.5, []],
  [Number.NaN, []],
];

function coversOrRefuses(make: () => StreamPlan, stored: readonly Extent[]): boolean {
  try {
    return covers(make().stored, stored);
  } catch (error) {
    return error instanceof MapError && error.code === "MAP_TOO_LARGE";
  }
}

function checkPlan(plan: StreamPlan, length: number, asked: readonly Extent[]): void {
  assert.equal(plan.rawLength, length);
  assert.ok(covers(plan.stored, asked));
  assert.ok(Number.isSafeInteger(plan.headLength) && plan.headLength >= 0);
  let end = 0;
  let count = 0;
  for (const { rawOffset, rawLength, stored } of plan.pieces()) {
    assert.equal(rawOffset, end);
    assert.ok(rawLength > 0 && rawLength <= plan.largestPiece, `a piece of ${rawLength} bytes`);
    assert.equal(stored, covers(plan.stored, [{ offset: rawOffset, length: rawLength }]));
    end += rawLength;
    count++;
    if (end > allPiecesUpTo) return;
  }
  assert.equal(end, length);
  assert.equal(count, plan.pieceCount);
}

function outline(plan: StreamPlan): object {
  const { rawLength, stored, headLength, pieceCount, largestPiece } = plan;
  return { rawLength, stored, headLength, pieceCount, largestPiece, pieces: [...plan.pieces()] };
}
