import assert from "node:assert/strict";
import { MemorySource, type Patch, SourceError } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { alignExtents, type Extent, extentEnd, type StreamFormat } from "@bootstamp/segment-map";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { assertSameBytes, press, sameBytes } from "./checked-image.ts";
import type { ContractOptions } from "./contract-options.ts";
import { CountingSource } from "./counting-source.ts";
import { unpackInMemory, withWrites } from "./memory-press.ts";
import { mixedBytes, randomBytes } from "./sample-images.ts";

const length = 3 * 2 ** 20 + 512;
const region: Extent = { offset: 917_504, length: 1_400_832 };
/** Both ends of the image, a region larger than a piece, and two blocks with one between them. */
const stored: readonly Extent[] = alignExtents(
  [
    { offset: 0, length: 4096 },
    { offset: 12_288, length: 4096 },
    { offset: 20_480, length: 4096 },
    region,
    {
      offset: length - 1,
      length: 1,
    },
  ],
  4096,
  length,
);

interface Change {
  readonly offset: number;
  readonly length: number;
}

const changes: readonly (readonly [name: string, runs: readonly Change[]])[] = [
  ["the image's first byte", [{ offset: 0, length: 1 }]],
  ["the image's last byte", [{ offset: length - 1, length: 1 }]],
  ["the image's last block", [{ offset: length - 512, length: 512 }]],
  ["a region's first block", [{ offset: region.offset, length: 4096 }]],
  ["a region's last block", [{ offset: extentEnd(region) - 4096, length: 4096 }]],
  ["a whole region", [region]],
  ["two bytes across a 32 KiB edge", [{ offset: region.offset + 32_767, length: 2 }]],
  ["across several 32 KiB edges", [{ offset: region.offset + 32_760, length: 70_000 }]],
  ["across a 1 MiB edge", [{ offset: region.offset + 2 ** 20 - 3, length: 6 }]],
  [
    "blocks close together",
    [
      { offset: 0, length: 4096 },
      { offset: 12_288, length: 4096 },
      { offset: 20_481, length: 9 },
    ],
  ],
  ["every place at once", stored],
];

/** Declares the tests of patches that are put into a file, and of those that are refused. */
export function describeSeal(format: StreamFormat, { choices, outside }: ContractOptions): void {
  const base = mixedBytes(length);
  let packed = new Uint8Array();
  beforeAll(async () => {
    packed = new Uint8Array(await press(format, base, stored, choices[0] ?? {}));
  });
  const subject: Subject = { format, base, packed: () => packed };
  describe("a patch", () => {
    for (const [name, runs] of changes) {
      test(`of ${name} decodes to the patched image, with all checksums right`, async () => {
        const patched = changed(base, runs);
        const stamped = await stamp(format, packed, makePatch(base, patched, runs));
        await expect(checkStamped(format, packed, stamped, patched)).resolves.toBeUndefined();
      });

      for (const decoder of outside) {
        test(`of ${name} decodes to the patched image in ${decoder.name}`, decoder.guard ?? {}, async () => {
          const patched = changed(base, runs);
          const stamped = await stamp(format, packed, makePatch(base, patched, runs));
          expect(sameBytes(await decoder.decode(stamped), patched)).toBe(true);
        });
      }
    }

    describeUnremarkable(subject);
    describeRefused(subject);
  });
}

interface Subject {
  readonly format: StreamFormat;
  readonly base: Uint8Array;
  /** Only known when tests run. */
  readonly packed: () => Uint8Array;
}

function describeUnremarkable({ format, base, packed }: Subject): void {
  test("of random places decodes too, and undoing it gives the same file again", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomChange, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        async (places, seed) => {
          const runs = apart(places);
          const patched = changed(base, runs, seed);
          const stamped = await stamp(format, packed(), makePatch(base, patched, runs));
          await checkStamped(format, packed(), stamped, patched);
          assertSameBytes(await stamp(format, stamped, makePatch(patched, base, runs)), packed());
        },
      ),
      { numRuns: 25 },
    );
  });

  test("that changes nothing changes nothing", async () => {
    const runs = [{ offset: region.offset + 5, length: 40_000 }];
    expect(sameBytes(await stamp(format, packed(), makePatch(base, base, runs)), packed())).toBe(true);
    expect(sameBytes(await stamp(format, packed(), []), packed())).toBe(true);
  });

  test("reads about as much as it replaces", async () => {
    const runs = [
      { offset: 0, length: 100 },
      { offset: region.offset, length: 100_000 },
    ];
    const source = new CountingSource(new MemorySource(packed()));
    const map = await format.readMap(source);
    source.bytesRead = 0;
    await format.seal(map, makePatch(base, changed(base, runs), runs), source);
    expect(source.bytesRead).toBeLessThan(2 * 100_100 + 65_536);
  });

  test("of a file that cannot be read fails as the reading does", async () => {
    const map = await format.readMap(new MemorySource(packed()));
    const runs = [{ offset: 0, length: 10 }];
    const fault = new SourceError("SOURCE_TRUNCATED", "cut while it was read");
    const source = { length: packed().length, read: () => Promise.reject(fault) };
    await expect(format.seal(map, makePatch(base, changed(base, runs), runs), source)).rejects.toBe(fault);
  });
}

function describeRefused({ format, base, packed }: Subject): void {
  test.each(outsideTheStored)("of bytes that are not all stored is refused: %o", async (change) => {
    const patch = [{ offset: change.offset, bytes: new Uint8Array(change.length), replacedCrc32: 0 }];
    await expect(stamp(format, packed(), patch)).rejects.toMatchObject({
      code: "MAP_PATCH_NOT_STORED",
      fields: change,
    });
  });

  test("made for another base is refused, also where only a later run shows it", async () => {
    const runs = [
      { offset: 0, length: 10 },
      { offset: region.offset + 32_000, length: 2000 },
    ];
    const patch = makePatch(base, changed(base, runs), runs);
    const flipped = patch.map((run, index) => ({ ...run, replacedCrc32: (run.replacedCrc32 ^ index) >>> 0 }));
    await expect(stamp(format, packed(), flipped)).rejects.toMatchObject({
      code: "MAP_PATCH_OTHER_BASE",
      fields: { offset: region.offset + 32_000 },
    });
    const stamped = await stamp(format, packed(), patch);
    await expect(stamp(format, stamped, patch)).rejects.toMatchObject({ code: "MAP_PATCH_OTHER_BASE" });
  });

  test("whose runs overlap or are out of order is a mistake of the caller", async () => {
    const runs = [
      { offset: 0, length: 10 },
      { offset: 9, length: 10 },
    ];
    const patch = makePatch(base, changed(base, runs), runs);
    await expect(stamp(format, packed(), patch)).rejects.toThrow(RangeError);
    await expect(stamp(format, packed(), patch.toReversed())).rejects.toThrow(RangeError);
  });

  test("of a file that has another length than the map's is refused", async () => {
    const map = await format.readMap(new MemorySource(packed()));
    const runs = [{ offset: 0, length: 10 }];
    const patch = makePatch(base, changed(base, runs), runs);
    const cut = new MemorySource(packed().subarray(0, -1));
    await expect(format.seal(map, patch, cut)).rejects.toMatchObject({ code: "MAP_INCONSISTENT" });
  });
}

const outsideTheStored: readonly Change[] = [
  { offset: 4096, length: 1 },
  { offset: 4095, length: 2 },
  { offset: 8192 + 4095, length: 2 },
  { offset: 0, length: 20_480 },
  { offset: extentEnd(region) - 1, length: 2 },
  { offset: length - 1, length: 2 },
  { offset: length, length: 1 },
  { offset: 2 ** 40, length: 1 },
];

/** Puts a patch into a copy of the file. @throws what sealing throws. */
async function stamp(format: StreamFormat, packed: Uint8Array, patch: Patch): Promise<Uint8Array> {
  const source = new MemorySource(packed);
  const { writes } = await format.seal(await format.readMap(source), patch, source);
  let end = 0;
  for (const { offset, bytes } of writes) {
    assert.ok(offset >= end, `a write at ${offset} before ${end}`);
    end = offset + bytes.length;
  }
  assert.ok(end <= packed.length, `writes up to ${end} of ${packed.length}`);
  return withWrites(packed, writes);
}

async function checkStamped(
  format: StreamFormat,
  packed: Uint8Array,
  stamped: Uint8Array,
  patched: Uint8Array,
): Promise<void> {
  const before = await format.readMap(new MemorySource(packed));
  const { map, raw } = await unpackInMemory(format, stamped);
  assertSameBytes(raw, patched);
  assert.deepEqual(map.base, before.base);
  assert.deepEqual(map.segments, before.segments);
  assert.equal(map.rawCrc32, before.rawCrc32 === undefined ? undefined : crc32.of(patched));
}

function changed(base: Uint8Array, runs: readonly Change[], seed = 99): Uint8Array {
  const patched = base.slice();
  for (const run of runs) patched.set(randomBytes(run.length, seed + run.offset), run.offset);
  return patched;
}

function makePatch(from: Uint8Array, to: Uint8Array, runs: readonly Change[]): Patch {
  return runs.map((run) => ({
    offset: run.offset,
    bytes: to.slice(run.offset, extentEnd(run)),
    replacedCrc32: crc32.of(from.subarray(run.offset, extentEnd(run))),
  }));
}

/** A run inside one of the stored extents. */
const randomChange: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom(...stored),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 80_000 }),
  )
  .map(([extent, place, count]) => {
    const offset = extent.offset + Math.floor(place * (extent.length - 1));
    return { offset, length: Math.min(count, extentEnd(extent) - offset) };
  });

/** In order, without those that overlap or touch the one before. */
function apart(places: readonly Change[]): Change[] {
  const kept: Change[] = [];
  for (const place of places.toSorted((a, b) => a.offset - b.offset)) {
    const last = kept.at(-1);
    if (last === undefined || place.offset > extentEnd(last)) kept.push(place);
  }
  return kept;
}
