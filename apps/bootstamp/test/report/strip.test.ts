import fc from "fast-check";
import { expect, test } from "vitest";
import { fullSigns, plainSigns, stripLines } from "../../src/report/strip.ts";

test("a strip shows parts, stored extents and what each cell costs", () => {
  const image = {
    length: 4000,
    parts: [
      { offset: 100, length: 900, title: "1 EFI" },
      { offset: 1000, length: 3000, title: "2 root" },
    ],
    stored: [{ offset: 1000, length: 4 }],
    packed: [
      { offset: 0, length: 1000, packedLength: 500 },
      { offset: 1000, length: 500, packedLength: 500 },
      { offset: 1500, length: 2500, packedLength: 3 },
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

test("titles are cut where the next one begins, and none is lost that has a cell of its own", () => {
  const parts = [
    { offset: 0, length: 100, title: "1 EFI system partition" },
    { offset: 100, length: 100, title: "2 boot" },
    { offset: 104, length: 1, title: "3 tiny" },
  ];
  const strip = stripLines({ length: 1000, parts }, 58, plainSigns);
  expect(strip).toEqual(["        1 EF 2 boot", "parts   |---||---|"]);
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
