import { alignExtents, extentEnd, joinExtents, totalLength, type Extent } from "@bootstamp/segment-map";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const limit = 4096;
const extent = fc
  .tuple(fc.nat(limit - 1), fc.nat(300))
  .map(([offset, length]): Extent => ({ offset, length: Math.min(length, limit - offset) }));
const extents = fc.array(extent, { maxLength: 20 });

/** The bytes that extents cover, one flag a byte: the plainest model of them. */
function covered(all: readonly Extent[]): Uint8Array {
  const flags = new Uint8Array(limit);
  for (const one of all) flags.fill(1, one.offset, extentEnd(one));
  return flags;
}

describe("joinExtents", () => {
  test("covers the same bytes, in order, apart, none empty", () => {
    fc.assert(
      fc.property(extents, (all) => {
        const joined = joinExtents(all);
        expect(covered(joined)).toEqual(covered(all));
        expect(totalLength(joined)).toBe(covered(all).reduce((sum, flag) => sum + flag, 0));
        for (const [index, one] of joined.entries()) {
          expect(one.length).toBeGreaterThan(0);
          expect(one.offset).toBeGreaterThan(index === 0 ? -1 : extentEnd(joined[index - 1] ?? one));
        }
      }),
    );
  });

  test("closes gaps up to the one given, and no larger ones", () => {
    fc.assert(
      fc.property(extents, fc.nat(100), (all, gap) => {
        const joined = joinExtents(all, gap);
        const apart = joinExtents(all);
        const expected = apart.filter((one, index) => {
          const before = apart[index - 1];
          return before === undefined || one.offset - extentEnd(before) > gap;
        });
        expect(joined.map(({ offset }) => offset)).toEqual(expected.map(({ offset }) => offset));
      }),
    );
  });

  test("is the same for every order, and when done again", () => {
    fc.assert(
      fc.property(extents, (all) => {
        const joined = joinExtents(all);
        expect(joinExtents(all.toReversed())).toEqual(joined);
        expect(joinExtents(joined)).toEqual(joined);
      }),
    );
  });
});

describe("alignExtents", () => {
  test("covers exactly the blocks that are touched, up to the limit", () => {
    fc.assert(
      fc.property(extents, fc.integer({ min: 1, max: 700 }), (all, blockLength) => {
        const touched = covered(all);
        const expected = touched.map((_, position) => {
          const start = position - (position % blockLength);
          return touched.subarray(start, start + blockLength).includes(1) ? 1 : 0;
        });
        expect(covered(alignExtents(all, blockLength, limit))).toEqual(expected);
      }),
    );
  });

  test("leaves out what is empty, also in the middle of a block", () => {
    expect(alignExtents([{ offset: 10, length: 0 }], 8, limit)).toEqual([]);
  });
});
