import assert from "node:assert/strict";
import { MemorySource, type Patch, SourceError } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  alignExtents,
  type EncodeChoice,
  type Extent,
  extentEnd,
  type StreamFormat,
  storedExtents,
} from "@bootstamp/segment-map";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { assertSameBytes, press, sameBytes } from "./checked-image.ts";
import type { ContractOptions } from "./contract-options.ts";
import { unpackInMemory } from "./memory-press.ts";
import { spliceInMemory } from "./memory-splice.ts";
import { mixedBytes, randomBytes, textBytes } from "./sample-images.ts";

const mebibyte = 1 << 20;
const length = 1.25 * mebibyte + 512;
const middle = 131_072;
/** Stored extents at both ends and between, so that runs reach across into what is compressed. */
const stored: readonly Extent[] = alignExtents(
  [
    { offset: 0, length: 4096 },
    { offset: middle, length: 20_480 },
    { offset: length - 1, length: 1 },
  ],
  4096,
  length,
);

type Content = (count: number, seed: number) => Uint8Array;
const zeros: Content = (count) => new Uint8Array(count);

interface Change extends Extent {
  readonly content: Content;
}

const changes: readonly (readonly [name: string, runs: readonly Change[]])[] = [
  ["a byte", [{ offset: 5000, length: 1, content: randomBytes }]],
  ["a block", [{ offset: 8192, length: 4096, content: textBytes }]],
  ["across a stored extent", [{ offset: middle - 9000, length: 40_000, content: randomBytes }]],
  ["all of it", [{ offset: 0, length, content: textBytes }]],
  ["all of it to zeros", [{ offset: 0, length, content: zeros }]],
  [
    "two far apart, and a stored one between",
    [
      { offset: 100_000, length: 700, content: textBytes },
      { offset: middle + 5, length: 700, content: textBytes },
      { offset: 1_150_000, length: 700, content: randomBytes },
    ],
  ],
  ["zeros to what does not compress", [{ offset: 700_000, length: 200_000, content: randomBytes }]],
];

/** Declares the tests of patches outside the stored extents: segments are packed anew, and the file is put together. */
export function describeSplice(format: StreamFormat, { choices, outside }: ContractOptions): void {
  const base = mixedBytes(length);
  const [choice = {}] = choices;
  let packed = new Uint8Array();
  beforeAll(async () => {
    packed = new Uint8Array(await press(format, base, stored, choice));
  });

  describe("a splice", () => {
    for (const [name, runs] of changes) {
      test.each([false, true])(`of ${name} decodes to the patched image (padded: %o)`, async (padded) => {
        const patched = changed(base, runs);
        const spliced = await spliceInMemory(format, packed, patchOf(base, patched, runs), padded);
        await expect(checkSpliced(format, packed, spliced, patched)).resolves.toBeUndefined();
      });

      for (const decoder of outside) {
        test(`of ${name} decodes to the patched image in ${decoder.name}`, decoder.guard ?? {}, async () => {
          const patched = changed(base, runs);
          const spliced = await spliceInMemory(format, packed, patchOf(base, patched, runs), true);
          expect(sameBytes(await decoder.decode(spliced), patched)).toBe(true);
        });
      }
    }

    test("of random places, time after time, decodes to what they make of the image", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(randomChanges, { minLength: 1, maxLength: 2 }),
          fc.boolean(),
          async (rounds, padded) => {
            let image: Uint8Array = base;
            let file: Uint8Array = packed;
            for (const [round, runs] of rounds.entries()) {
              const patched = changed(image, runs, round);
              file = await spliceInMemory(format, file, patchOf(image, patched, runs), padded);
              image = patched;
            }
            await checkSpliced(format, packed, file, image);
          },
        ),
        { numRuns: 6 },
      );
    });

    test("comes to the file that pressing the patched image would, where the file says what pressed it", async () => {
      const { engine } = await format.readMap(new MemorySource(packed));
      const [, runs = []] = changes[2] ?? [];
      const patched = changed(base, runs);
      const spliced = await spliceInMemory(format, packed, patchOf(base, patched, runs));
      const pressed = await press(format, patched, stored, choice);
      const alike = sameBytes(await segmentBytes(format, spliced), await segmentBytes(format, pressed));
      expect(alike || engine === undefined).toBe(true);
    });

    test("of a file that cannot be read fails as the reading does", async () => {
      const map = await format.readMap(new MemorySource(packed));
      const fault = new SourceError("SOURCE_TRUNCATED", "cut while it was read");
      const source = { length: packed.length, read: () => Promise.reject(fault) };
      await expect(format.splice(map, [], map.rawCrc32, source)).rejects.toBe(fault);
    });
  });

  describePadding(format, choice);
}

function describePadding(format: StreamFormat, choice: EncodeChoice): void {
  describe("padding", () => {
    test("makes a piece as long as was asked, or says that it does not", async () => {
      const encoder = await format.createEncoder(format.settle(choice));
      const raw = textBytes(60_000);
      const { length: plain } = (await encoder.compress(raw)).bytes;
      const paddedBy = async (surplus: number): Promise<number | undefined> => {
        const padded = format.pad(await encoder.compress(raw), plain + surplus);
        return padded && padded.bytes.length - plain;
      };
      expect(await paddedBy(-1)).toBeUndefined();
      expect(await paddedBy(0)).toBe(0);
      for (const surplus of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 96, 100, 512, 1000, 5000]) {
        expect([undefined, surplus]).toContain(await paddedBy(surplus));
      }
    });
  });
}

/** All that stands between head and tail. */
async function segmentBytes(format: StreamFormat, packed: Uint8Array): Promise<Uint8Array> {
  const { segments } = await format.readMap(new MemorySource(packed));
  const last = segments.at(-1);
  return packed.subarray(segments[0]?.packedOffset, (last?.packedOffset ?? 0) + (last?.packedLength ?? 0));
}

async function checkSpliced(
  format: StreamFormat,
  packed: Uint8Array,
  spliced: Uint8Array,
  patched: Uint8Array,
): Promise<void> {
  const before = await format.readMap(new MemorySource(packed));
  const { map, raw } = await unpackInMemory(format, spliced);
  assertSameBytes(raw, patched);
  assert.deepEqual(map.base, before.base);
  assert.equal(map.engine, before.engine);
  assert.equal(map.rawCrc32, before.rawCrc32 === undefined ? undefined : crc32.of(patched));
  assert.deepEqual(storedExtents(map), storedExtents(before));
  for (const { kind, rawOffset, rawLength } of map.segments) {
    const zero = !patched.subarray(rawOffset, rawOffset + rawLength).some((byte) => byte !== 0);
    if (kind !== "stored") assert.equal(kind, zero ? "zero" : "compressed");
  }
}

function changed(base: Uint8Array, runs: readonly Change[], seed = 99): Uint8Array {
  const patched = base.slice();
  for (const run of runs) patched.set(run.content(run.length, seed + run.offset), run.offset);
  return patched;
}

function patchOf(from: Uint8Array, to: Uint8Array, runs: readonly Extent[]): Patch {
  return runs.map((run) => ({
    offset: run.offset,
    bytes: to.slice(run.offset, extentEnd(run)),
    replacedCrc32: crc32.of(from.subarray(run.offset, extentEnd(run))),
  }));
}

const randomChanges: fc.Arbitrary<Change[]> = fc
  .array(
    fc.tuple(
      fc.noBias(fc.nat(length - 1)),
      fc.integer({ min: 1, max: 60_000 }),
      fc.constantFrom(zeros, textBytes, randomBytes),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((places) => {
    const kept: Change[] = [];
    for (const [offset, count, content] of places.toSorted(([a], [b]) => a - b)) {
      const last = kept.at(-1);
      if (last !== undefined && offset <= extentEnd(last)) continue;
      kept.push({ offset, length: Math.min(count, length - offset), content });
    }
    return kept;
  });
