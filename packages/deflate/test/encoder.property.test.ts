import { randomBytes, textBytes } from "@bootstamp/format-contract";
import { maxRawLength, openEncoder } from "@bootstamp/deflate";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inflated } from "./inflated.ts";

const length = fc.integer({ min: 1, max: 70_000 });
const seed = fc.nat(1000);
/** Alphabets, runs and repetitions of every size give every kind of block, long codes and lone distances. */
const stretch = fc.oneof(
  fc.tuple(fc.nat(255), length).map(([byte, count]) => Buffer.alloc(count, byte)),
  fc.tuple(seed, length).map(([of, count]) => randomBytes(count, of)),
  fc.tuple(seed, length).map(([of, count]) => textBytes(count, of)),
  fc
    .tuple(seed, length, fc.integer({ min: 1, max: 8 }))
    .map(([of, count, bits]) => skewedBytes(count, of, bits)),
  fc
    .tuple(seed, fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 2, max: 6 }))
    .map(([of, count, times]) => Buffer.concat(Array.from({ length: times }, () => randomBytes(count, of)))),
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
);

test("whatever is deflated inflates to what it was", async () => {
  const encoders = await Promise.all([1, 3, 6, 9].map(async (level) => await openEncoder(level)));
  fc.assert(
    fc.property(
      fc.array(stretch, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(...encoders),
      (stretches, deflate) => {
        const raw = Buffer.concat(stretches).subarray(0, maxRawLength);
        expect(Buffer.compare(inflated(deflate(raw)), raw)).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

/** Bytes of which some are a thousand times rarer than others, so that their codes are long. */
function skewedBytes(count: number, of: number, bits: number): Uint8Array {
  const noise = randomBytes(2 * count, of + 1);
  return Uint8Array.from({ length: count }, (_, index) => {
    const rarity = Math.clz32(((noise[2 * index] ?? 0) << 24) | 0x0080_0000);
    return rarity * bits + ((noise[2 * index + 1] ?? 0) % bits);
  });
}
