import { MemorySource, type Overwrite } from "@bootstamp/byte-source";
import { MerkleTree } from "@bootstamp/fsverity";
import fc from "fast-check";
import { expect, test } from "vitest";
import { noise } from "./some-bytes.ts";

const lengths = fc.oneof(fc.nat(200_000), fc.constantFrom(0, 1, 1023, 1024, 1025, 32_768, 32_769));

function overwritesOf(length: number): fc.Arbitrary<Overwrite[]> {
  if (length === 0) return fc.constant([]);
  const offset = fc.oneof(fc.nat(length - 1), fc.constantFrom(0, length - 1));
  const wanted = fc.tuple(offset, fc.oneof(fc.nat(30), fc.nat(20_000)), fc.nat(100));
  return fc.array(wanted, { maxLength: 12 }).map((all) => {
    let end = 0;
    return all
      .toSorted(([a], [b]) => a - b)
      .flatMap(([at, count, seed]) => {
        if (at < end) return [];
        const bytes = noise(Math.min(count, length - at), seed);
        end = at + bytes.length;
        return [{ offset: at, bytes }];
      });
  });
}

const cases = lengths.chain((length) => fc.tuple(fc.constant(length), overwritesOf(length)));
const choices = fc.record({
  algorithm: fc.constantFrom("sha256" as const, "sha512" as const),
  blockLength: fc.constantFrom(1024, 2048, 4096),
  salt: fc.uint8Array({ maxLength: 32 }),
  memoryLength: fc.constantFrom(0, 64, 1000, 1 << 20),
});

test("the digest after a patch is that of the patched file", async () => {
  await fc.assert(
    fc.asyncProperty(cases, choices, async ([length, overwrites], choice) => {
      const bytes = noise(length);
      const source = new MemorySource(bytes);
      const found = await (await MerkleTree.of(source, choice)).patched(overwrites, source);
      const after = new Uint8Array(bytes);
      for (const each of overwrites) after.set(each.bytes, each.offset);
      expect(found).toBe((await MerkleTree.of(new MemorySource(after), choice)).digest);
    }),
    { numRuns: 60 },
  );
});
