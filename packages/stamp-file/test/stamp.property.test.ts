import { createHash } from "node:crypto";
import { crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { MemorySource } from "@bootstamp/byte-source";
import { decodeStamp, encodeStamp, type Stamp, stampIdentity, trimPatch } from "@bootstamp/stamp-file";
import fc from "fast-check";
import { expect, test } from "vitest";
import { diff, noise, overwritesOf, patchOf, sampleStamp, withOverwrites } from "./some-stamps.ts";

const base = noise(60_000);
const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("hex"));
const artifact = fc.record(
  {
    format: fc.stringMatching(/^[a-z0-9]{1,16}$/),
    stampable: digest,
    length: fc.maxSafeNat(),
    sha256: digest,
    crc64nvme: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fsverity: digest,
  },
  { requiredKeys: ["format", "stampable", "length"] },
);
const parts = fc.record({
  name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).filter((name) => name.isWellFormed()),
  artifacts: fc.uniqueArray(artifact, {
    maxLength: 5,
    selector: ({ format, stampable }) => `${format} ${stampable}`,
  }),
  baseSha256: fc.option(digest),
  resultSha256: fc.option(digest),
  overwrites: overwritesOf(base),
});

test("any stamp comes back from its file, and there is one file for it", async () => {
  await fc.assert(
    fc.asyncProperty(parts, async ({ name, artifacts, baseSha256, resultSha256, overwrites }) => {
      const found = await diff(base, withOverwrites(base, overwrites));
      const stamp: Stamp = {
        name,
        base: { ...found.base, ...(baseSha256 === null ? {} : { rawSha256: baseSha256 }) },
        result: { ...found.result, ...(resultSha256 === null ? {} : { rawSha256: resultSha256 }) },
        artifacts,
        patch: found.patch,
      };
      const file = encodeStamp(stamp);
      const again = decodeStamp(file);
      expect({ ...again, artifacts: new Set(again.artifacts) }).toEqual({
        ...stamp,
        artifacts: new Set(artifacts),
      });
      expect(encodeStamp(again)).toEqual(file);
    }),
    { numRuns: 50 },
  );
});

test("the patch puts the variant into the base, and is the same from edits and from images", async () => {
  await fc.assert(
    fc.asyncProperty(overwritesOf(base), async (overwrites) => {
      const variant = withOverwrites(base, overwrites);
      const { patch, base: before, result } = await diff(base, variant);
      expect(Buffer.compare(withOverwrites(base, patch), variant)).toBe(0);
      expect([before.rawCrc32, result.rawCrc32]).toEqual([crc32(base), crc32(variant)]);
      expect(patch).toEqual(patchOf(base, patch));
      expect(await trimPatch(new MemorySource(base), patchOf(base, overwrites))).toEqual(patch);
    }),
  );
});

const sample = await sampleStamp();
const file = encodeStamp(sample);
const body = new Uint8Array(zstdDecompressSync(file.subarray(12, -4)));
const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });

function mutated(
  bytes: Uint8Array,
  edits: readonly (readonly [number, number])[],
  within = bytes.length,
): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (const [at, value] of edits) copy[at % within] = value;
  return copy;
}

function rejected(bytes: Uint8Array): unknown {
  try {
    decodeStamp(bytes);
  } catch (error) {
    return error;
  }
  return undefined;
}

const fault = expect.objectContaining({ code: expect.stringMatching(/^STAMP_FILE_/) });

test("a file that was changed anywhere is refused by name", () => {
  fc.assert(
    fc.property(changes, (edits) => {
      const changed = mutated(file, edits);
      fc.pre(Buffer.compare(changed, file) !== 0);
      expect(rejected(changed)).toEqual(fault);
    }),
  );
});

function packed(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(file.subarray(0, 12));
  head.writeUInt32LE(bytes.length, 8);
  return sealed(Buffer.concat([head, zstdCompressSync(bytes)]));
}

function sealed(rest: Uint8Array): Uint8Array {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(rest));
  return Buffer.concat([rest, crc]);
}

// Most of the body is the runs' bytes; what is before them is more likely to be taken for something else.
const places = [body.length, 400, 60];

test("a body that was changed by one who knows the sums is another stamp or refused, and never two ways to say one", () => {
  fc.assert(
    fc.property(changes, fc.constantFrom(...places), (edits, within) => {
      const changed = mutated(body, edits, within);
      const outcome = identityOrFault(packed(changed));
      expect([sha256(changed), fault]).toContainEqual(outcome);
    }),
    { numRuns: 500 },
  );
});

function identityOrFault(bytes: Uint8Array): unknown {
  return rejected(bytes) ?? stampIdentity(decodeStamp(bytes));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("a frame that was changed by one who knows the sum is refused, or unpacks to the same", () => {
  fc.assert(
    fc.property(changes, fc.constantFrom(20, file.length - 16), (edits, within) => {
      const frame = mutated(file.subarray(12, -4), edits, within);
      const forged = sealed(Buffer.concat([file.subarray(0, 12), frame]));
      const outcome = identityOrFault(forged);
      expect([expect.stringMatching(/^[0-9a-f]{64}$/), fault]).toContainEqual(outcome);
    }),
    { numRuns: 500 },
  );
});

test("bytes of any kind are refused by name", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, asBody) => {
      expect(rejected(asBody ? packed(bytes) : bytes)).toEqual(fault);
    }),
  );
});
