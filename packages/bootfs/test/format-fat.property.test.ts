import {
  BootfsError,
  formatFat,
  openFileSystem,
  planFat,
  type FatShape,
  type FatVolume,
} from "@bootstamp/bootfs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pieceSource } from "./support/piece-source.ts";

const mebibyte = 1 << 20;
const lengths = fc.oneof(
  fc.integer({ min: 0, max: 64 * mebibyte }),
  fc.integer({ min: 0, max: 2 ** 32 }),
  fc.integer({ min: 0, max: 2 ** 43 }),
);
const sectorLengths = fc.constantFrom(512 as const, 4096 as const);
const shapes: fc.Arbitrary<FatShape> = fc.record(
  {
    length: lengths,
    sectorLength: sectorLengths,
    width: fc.constantFrom(12 as const, 16 as const, 32 as const),
  },
  { requiredKeys: ["length", "sectorLength"] },
);

function isRange(error: unknown): boolean {
  return error instanceof BootfsError && error.code === "BOOTFS_RANGE";
}

test("a volume of any length is planned within its bounds, or refused", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      try {
        const plan = planFat(shape);
        const bits = (plan.clusterCount + 2) * plan.width;
        const dataEnd = plan.dataOffset + plan.clusterCount * plan.clusterLength;
        expect(plan.sectorsPerFat * plan.sectorLength * 8).toBeGreaterThanOrEqual(bits);
        expect(dataEnd).toBeLessThanOrEqual(plan.sectorCount * plan.sectorLength);
        expect(plan.sectorCount * plan.sectorLength).toBeLessThanOrEqual(shape.length);
        expect(plan.dataOffset % Math.max(plan.clusterLength, 4096)).toBe(0);
        expect(plan.reservedSectors).toBeGreaterThanOrEqual(plan.width === 32 ? 32 : 1);
        expect(plan.reservedSectors).toBeLessThan(65_536);
        expect(plan.clusterLength).toBeLessThanOrEqual(32_768);
        expect(plan.width).toBe(shape.width ?? plan.width);
      } catch (error) {
        if (!isRange(error)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});

test("from 512 KiB to 2 TiB there is a volume for every length, and our own reader opens it", async () => {
  const sizes = fc.oneof(
    fc.integer({ min: 512 << 10, max: 2 ** 41 }),
    fc.integer({ min: 512 << 10, max: 2 ** 28 }),
  );
  const serials = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  await fc.assert(
    fc.asyncProperty(sizes, sectorLengths, serials, async (length, sectorLength, serial) => {
      const volume: FatVolume = { length, sectorLength, serial, label: "a Label", clock: 1.7e9 };
      const view = await openFileSystem(pieceSource(length, formatFat(volume)), { offset: 0, length });
      const plan = planFat(volume);
      const uuid = serial.toString(16).toUpperCase().padStart(8, "0");
      expect(view.identity).toEqual({
        kind: `fat${plan.width}`,
        label: "a Label",
        uuid: `${uuid.slice(0, 4)}-${uuid.slice(4)}`,
        blockLength: plan.clusterLength,
        length: plan.sectorCount * sectorLength,
      });
      expect(view.list("/")).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

describe("what cannot be is refused", () => {
  const volume: FatVolume = { length: 64 * mebibyte, sectorLength: 512, serial: 1, clock: 0 };

  test.each([
    ["FAT32 of 16 MiB", { length: 16 * mebibyte, width: 32 }],
    ["FAT12 of 1 GiB", { length: 1024 * mebibyte, width: 12 }],
    ["FAT16 of 1 MiB", { length: mebibyte, width: 16 }],
    ["8 KiB", { length: 8192 }],
    ["127 sectors", { length: 127 * 512 }],
    ["no bytes", { length: 0 }],
    ["a serial of 33 bits", { serial: 2 ** 32 }],
    ["a serial below zero", { serial: -1 }],
    ["a starting sector of 33 bits", { startingSector: 2 ** 32 }],
  ] as const)("%s", (_what, change) => {
    expect(() => formatFat({ ...volume, ...change })).toThrow(
      expect.objectContaining({ code: "BOOTFS_RANGE" }),
    );
  });

  test.each(["", "twelve chars", "a.b", "a/b", " a", "caf\u00e9", "a\n"])("the label %j", (label) => {
    expect(() => formatFat({ ...volume, label })).toThrow(expect.objectContaining({ code: "BOOTFS_NAME" }));
  });
});
