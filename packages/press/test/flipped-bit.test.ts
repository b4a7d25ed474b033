import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { FileSource, MemorySource } from "@bootstamp/byte-source";
import { format } from "@bootstamp/gzip";
import { checkImage, pressImage } from "@bootstamp/press";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flippedBits } from "../src/flipped-bit.ts";

const extent = fc.record({ offset: fc.nat(50_000), length: fc.integer({ min: 1, max: 3000 }) });

test("a bit is found by what it does to the CRC-32, wherever it is", () => {
  fc.assert(
    fc.property(extent, fc.nat(40_000), fc.nat(2 ** 20), fc.nat(7), ({ offset, length }, tail, at, bit) => {
      const image = Buffer.alloc(offset + length + tail, "some image ");
      const rawOffset = offset + (at % length);
      const damaged = Buffer.from(image);
      damaged.writeUInt8(image.readUInt8(rawOffset) ^ (1 << bit), rawOffset);
      const places = flippedBits([{ offset, length }], image.length, crc32(image), crc32(damaged));
      expect(places).toEqual([{ rawOffset, bit }]);
    }),
    { numRuns: 200 },
  );
});

test("a bit elsewhere is not found in what is stored", () => {
  const image = Buffer.alloc(100_000, 7);
  const damaged = Buffer.from(image);
  damaged.writeUInt8(6, 70_000);
  const stored = [
    { offset: 0, length: 4096 },
    { offset: 90_000, length: 10_000 },
  ];
  expect(flippedBits(stored, image.length, crc32(image), crc32(damaged))).toEqual([]);
});

describe("a .gz with a flipped bit in what it stores", () => {
  const image = Buffer.alloc(300_000, "lines of an image\n");
  const stored = [
    { offset: 8192, length: 40_960 },
    { offset: 204_800, length: 4096 },
  ];

  test("is found damaged at that bit", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bootstamp-flipped-"));
    const path = join(folder, "image.gz");
    writeFileSync(join(folder, "raw"), image);
    const settings = format.settle({ engine: "zlib" });
    const base = FileSource.open(join(folder, "raw"));
    const { map } = await pressImage({ base, format, settings, stored, output: path });
    const good = readFileSync(path);
    // Stored blocks of 32 KiB behind five bytes each.
    for (const [segment, within, packed] of [
      [1, 0, 5],
      [1, 40_959, 40_959 + 10],
      [3, 77, 82],
    ] as const) {
      const { rawOffset = 0, packedOffset = 0 } = map.segments[segment] ?? {};
      const bytes = Buffer.from(good);
      bytes.writeUInt8(good.readUInt8(packedOffset + packed) ^ 0x10, packedOffset + packed);
      await expect(
        checkImage({ packed: new MemorySource(bytes), format, map, threads: 1 }),
      ).rejects.toMatchObject({
        code: "MAP_CHECKSUM",
        fields: { rawOffset: rawOffset + within },
        message: expect.stringMatching(
          new RegExp(
            `in the stored extents: 40960 bytes at 8192, 4096 bytes at 204800; if it is one bit, it is bit 4 of the byte at raw offset ${rawOffset + within}$`,
          ),
        ),
      });
    }
  });
});
