import { checkOverwrites, MemorySource, type Overwrite, overwrittenSource } from "@bootstamp/byte-source";
import fc from "fast-check";
import { expect, test } from "vitest";

const base = Uint8Array.from({ length: 20_000 }, (_, index) => (index * index) >>> 5);
const source = new MemorySource(base);

/** Some overwrites in order and apart, with the first and the last byte more often than by chance. */
const someOverwrites: fc.Arbitrary<Overwrite[]> = fc
  .array(
    fc.tuple(
      fc.oneof(fc.nat(base.length - 1), fc.constantFrom(0, base.length - 1)),
      fc.uint8Array({ minLength: 1, maxLength: 3000 }),
    ),
    { maxLength: 8 },
  )
  .map((pairs) => {
    let end = 0;
    return pairs
      .toSorted(([a], [b]) => a - b)
      .flatMap(([offset, bytes]) => {
        if (offset < end) return [];
        const cut = bytes.slice(0, base.length - offset);
        end = offset + cut.length;
        return [{ offset, bytes: cut }];
      });
  });

function withOverwrites(overwrites: readonly Overwrite[]): Uint8Array {
  const patched = new Uint8Array(base);
  for (const { offset, bytes } of overwrites) patched.set(bytes, offset);
  return patched;
}

test("an overwritten source reads as the patched bytes do, in any window", async () => {
  await fc.assert(
    fc.asyncProperty(someOverwrites, fc.nat(base.length), fc.nat(base.length), async (overwrites, a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const found = await overwrittenSource(source, overwrites).read(from, to - from);
      expect(found).toEqual(withOverwrites(overwrites).slice(from, to));
    }),
  );
});

test.each([
  ["overlapping", [at(5, 10), at(14, 1)]],
  ["out of order", [at(20, 1), at(5, 1)]],
  ["beyond the end", [at(95, 6)]],
  ["before the start", [at(-1, 1)]],
  ["between bytes", [at(0.5, 1)]],
])("overwrites that are %s are refused", (_, overwrites) => {
  expect(() => checkOverwrites(100, overwrites)).toThrow(RangeError);
  expect(() => overwrittenSource(new MemorySource(base.slice(0, 100)), overwrites)).toThrow(RangeError);
});

test("overwrites may touch one another and both ends", () => {
  expect(() => checkOverwrites(100, [at(0, 50), at(50, 50)])).not.toThrow();
});

function at(offset: number, length: number): { offset: number; bytes: Uint8Array } {
  return { offset, bytes: new Uint8Array(length) };
}
