import type { Segment } from "@bootstamp/segment-map";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fullSigns, plainSigns, stripLines } from "../../src/report/strip.ts";

const segment = (
  kind: Segment["kind"],
  rawOffset: number,
  rawLength: number,
  packedLength: number,
): Segment => ({
  kind,
  rawOffset,
  rawLength,
  packedOffset: 0,
  packedLength,
});

test("a strip shows parts, stored extents and what each cell costs", () => {
  const image = {
    length: 4000,
    parts: [
      { offset: 100, length: 900, title: "1 EFI" },
      { offset: 1000, length: 3000, title: "2 root" },
    ],
    stored: [{ offset: 1000, length: 4 }],
    segments: [
      segment("compressed", 0, 1000, 500),
      segment("stored", 1000, 500, 500),
      segment("zero", 1500, 2500, 3),
    ],
  };
  expect(stripLines(image, 48, fullSigns)).toEqual([
    "         1 EFI    2 root",
    "parts    ├───────┤├────────────────────────────┤",
    "stored            ▪",
    "packed  ▄▄▄▄▄▄▄▄▄▄█████",
  ]);
  expect(stripLines(image, 48, plainSigns).join("")).toMatch(/^[ -~]*$/);
});

test("no image makes a strip that is wider than the terminal, or fails", () => {
  const extent = fc.record({ offset: fc.nat(10_000), length: fc.integer({ min: 1, max: 10_000 }) });
  fc.assert(
    fc.property(
      fc.array(fc.record({ offset: fc.nat(10_000), length: fc.nat(10_000), title: fc.string() })),
      fc.array(extent),
      fc.integer({ min: 20, max: 120 }),
      (parts, stored, width) => {
        for (const line of stripLines({ length: 20_000, parts, stored }, width, fullSigns)) {
          expect(Array.from(line).length).toBeLessThanOrEqual(width);
        }
      },
    ),
  );
});
