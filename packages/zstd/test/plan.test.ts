import type { Extent, Piece, StreamPlan } from "@bootstamp/segment-map";
import { zstd } from "@bootstamp/zstd";
import { expect, test } from "vitest";

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
const tebibyte = 2 ** 40;

function planOf(length: number, stored: readonly Extent[] = [], level = 3): StreamPlan {
  return zstd.plan(length, stored, zstd.settle({ level }));
}

function firstPiece(plan: StreamPlan, stored: boolean): Piece | undefined {
  for (const piece of plan.pieces()) if (piece.stored === stored) return piece;
  return undefined;
}

test.each([
  [1, 4],
  [3, 4],
  [12, 4],
  [13, 8],
  [22, 8],
])("at level %d segments have %d MiB", (level, length) => {
  expect(firstPiece(planOf(gibibyte, [], level), false)?.rawLength).toBe(length * mebibyte);
  expect(zstd.settle({ level }).segmentLength).toBe(length * mebibyte);
});

test.each([1, 3, 16])("segments can be chosen to have %d MiB", (length) => {
  const settings = zstd.settle({ segmentLength: length * mebibyte });
  expect(firstPiece(zstd.plan(gibibyte, [], settings), false)?.rawLength).toBe(length * mebibyte);
});

test.each([0, 0.5 * mebibyte, mebibyte + 1, 17 * mebibyte, Number.NaN])(
  "but not %d bytes",
  (segmentLength) => {
    expect(() => zstd.settle({ segmentLength })).toThrow(expect.objectContaining({ code: "MAP_SETTING" }));
  },
);

test.each([{ extreme: true }, { extreme: false }, { check: "crc32" }])("%o is no choice", (choice) => {
  expect(() => zstd.settle(choice)).toThrow(expect.objectContaining({ code: "MAP_SETTING" }));
});

const region = { offset: 4096, length: 64 * mebibyte };

test.each([
  ["a GiB", gibibyte, [region], 4, 128],
  ["a TiB", tebibyte - 4 * gibibyte, [region], 4, 128],
  ["a little more", tebibyte, [region], 8, 128],
  ["4 TiB", 4 * tebibyte, [region], 16, 128],
  ["nearly 32 TiB", 31 * tebibyte, [region], 16, 128],
  ["a GiB all stored", gibibyte, [{ offset: 0, length: gibibyte }], 0, 128],
  ["a TiB all stored", tebibyte, [{ offset: 0, length: tebibyte }], 0, 4096],
])("%s has long frames where there would be too many", (_name, length, stored, compressed, kept) => {
  const plan = planOf(length, stored);
  const beginning = [...takeWhile(plan.pieces(), ({ rawOffset }) => rawOffset < 200 * mebibyte)];
  const longest = (kind: boolean): number =>
    Math.max(0, ...beginning.filter((piece) => piece.stored === kind).map(({ rawLength }) => rawLength));
  expect(longest(false)).toBe(compressed * mebibyte);
  expect(longest(true)).toBe(kept * 1024);
  expect(plan.largestPiece).toBeLessThanOrEqual(16 * mebibyte);
});

function* takeWhile(pieces: Iterable<Piece>, holds: (piece: Piece) => boolean): Generator<Piece> {
  for (const piece of pieces) {
    if (!holds(piece)) return;
    yield piece;
  }
}

test("an image above 32 TiB is refused", () => {
  expect(planOf(32 * tebibyte).pieceCount).toBe(2 ** 21);
  expect(() => planOf(32 * tebibyte + 1)).toThrow(expect.objectContaining({ code: "MAP_TOO_LARGE" }));
});
