import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { mixedBytes, randomBytes, textBytes } from "@bootstamp/format-contract";
import { gzip } from "@bootstamp/gzip";
import type { PieceEncoder } from "@bootstamp/segment-map";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const finalBlock = Buffer.from("0300", "hex");

/** What a piece comes to when the last block follows it; throws unless all of it is used and nothing ends before. */
function inflatePiece(packed: Uint8Array): Buffer {
  // A marker in a stored block: it comes out only if nothing before it was final, and all began at a byte.
  const marker = Buffer.from("000400fbff6d61726b", "hex");
  const raw = inflateRawSync(Buffer.concat([packed, marker, finalBlock]));
  expect(raw.subarray(-4).toString()).toBe("mark");
  return raw.subarray(0, -4);
}

describe.each(["bootstamp", "libdeflate", "zlib", "pako"])("%s", (engine) => {
  const maxLevel = engine === "libdeflate" ? 12 : 9;
  const levels = Array.from({ length: maxLevel }, (_, index) => index + 1);

  test.each(levels)("level %d makes pieces that anything can follow", async (level) => {
    const encoder = await gzip.createEncoder(gzip.settle({ engine, level }));
    for (const raw of [Uint8Array.of(1), textBytes(40_000), mixedBytes(700_000), new Uint8Array(70_000)]) {
      expect(Buffer.compare(inflatePiece((await encoder.compress(raw)).bytes), raw)).toBe(0);
    }
  });

  test("the levels outside its scale are refused", () => {
    for (const level of [0, maxLevel + 1])
      expect(() => gzip.settle({ engine, level })).toThrow(`1 to ${maxLevel}`);
  });
});

test("bootstamp at level 6 is the default", () => {
  expect(gzip.settle({})).toEqual({ engine: "bootstamp", engineVersion: "1", level: 6 });
  expect(gzip.settle({ engine: "libdeflate" }).level).toBe(5);
  expect(gzip.settle({ engine: "zlib" }).level).toBe(6);
  expect(gzip.settle({ engine: "zlib" }).engineVersion).toBe(process.versions.zlib);
});

test.each(["libdeflate", "pako"])("the version of %s is that of the package", (name) => {
  const file = new URL("package.json", packageFolder(import.meta.resolve(name), name));
  const manifest: { version: string } = JSON.parse(readFileSync(file, "utf8"));
  expect(gzip.settle({ engine: name }).engineVersion).toBe(manifest.version);
});

describe("the last block of a libdeflate stream is found", () => {
  // Alphabets, runs and repetitions of every size give every kind of block, long codes and lone distances.
  const stretch = fc.oneof(
    fc
      .tuple(fc.nat(255), fc.integer({ min: 1, max: 70_000 }))
      .map(([byte, count]) => Buffer.alloc(count, byte)),
    fc
      .tuple(fc.nat(1000), fc.integer({ min: 1, max: 70_000 }))
      .map(([seed, count]) => randomBytes(count, seed)),
    fc
      .tuple(fc.nat(1000), fc.integer({ min: 1, max: 70_000 }))
      .map(([seed, count]) => textBytes(count, seed)),
    fc
      .tuple(fc.nat(1000), fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: 8 }))
      .map(([seed, count, bits]) => skewedBytes(count, seed, bits)),
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
  );
  const encoders = new Map<number, PieceEncoder>();
  const encoderFor = async (level: number): Promise<PieceEncoder> => {
    const settings = gzip.settle({ engine: "libdeflate", level });
    const encoder = encoders.get(level) ?? (await gzip.createEncoder(settings));
    encoders.set(level, encoder);
    return encoder;
  };

  test("whatever is deflated", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stretch, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(1, 2, 5, 6, 9, 10),
        async (stretches, level) => {
          const raw = Buffer.concat(stretches);
          const encoder = await encoderFor(level);
          const { bytes } = await encoder.compress(raw);
          expect(Buffer.compare(inflatePiece(bytes), raw)).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});

test("zeros of any number deflate to zeros", async () => {
  const encoder = await gzip.createEncoder(gzip.settle({ engine: "zlib" }));
  const lengths = [1, 2, 257, 258, 259, 511, 512, 513, 2 ** 20 - 1, 2 ** 20, 3_000_000];
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.constantFrom(...lengths), fc.integer({ min: 1, max: 20_000 })),
      async (length) => {
        const { bytes } = await encoder.zeros(length);
        expect(Buffer.compare(inflatePiece(bytes), Buffer.alloc(length))).toBe(0);
      },
    ),
  );
});

test.each([{ extreme: true }, { check: "crc32" }, { segmentLength: 4096 }])(
  "%o is no choice for gzip",
  (choice) => {
    expect(() => gzip.settle(choice)).toThrow(expect.objectContaining({ code: "MAP_SETTING" }));
  },
);

/** Bytes of which some are a thousand times rarer than others, so that their codes are long. */
function skewedBytes(length: number, seed: number, bits: number): Uint8Array {
  const noise = randomBytes(2 * length, seed + 1);
  return Uint8Array.from({ length }, (_, index) => {
    const rarity = Math.clz32(((noise[2 * index] ?? 0) << 24) | 0x0080_0000);
    return rarity * bits + ((noise[2 * index + 1] ?? 0) % bits);
  });
}

function packageFolder(entry: string, name: string): string {
  return entry.slice(0, entry.lastIndexOf(`/${name}/`) + name.length + 2);
}
