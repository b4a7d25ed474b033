import { MemorySource, overwrittenSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  type Extent,
  extentEnd,
  type PackedWrite,
  type SegmentMap,
  storedSegmentsIn,
  type StreamFormat,
} from "@bootstamp/segment-map";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { assertSameBytes, press, sameBytes } from "./checked-image.ts";
import type { ContractOptions } from "./contract-options.ts";
import { withWrites } from "./memory-press.ts";
import { mixedBytes, randomBytes } from "./sample-images.ts";

const length = 2 * 2 ** 20 + 512;
const stored: readonly Extent[] = [
  { offset: 0, length: 4096 },
  { offset: 500_000 - (500_000 % 4096), length: 1_200_128 },
  { offset: 2 ** 21, length: 512 },
];

/** Declares the tests of files whose stored bytes are overwritten first and sealed later. */
export function describeReseal(format: StreamFormat, { choices }: ContractOptions): void {
  const base = mixedBytes(length);
  let packed = new Uint8Array();
  let map: SegmentMap;
  beforeAll(async () => {
    packed = new Uint8Array(await press(format, base, stored, choices[0] ?? {}));
    map = await format.readMap(new MemorySource(packed));
  });

  describe("sealing what was overwritten", () => {
    test("gives the file that a patch gives, whatever the checksums were", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(place, { maxLength: 5 }), fc.boolean(), async (places, spoilt) => {
          const changed = apart(places);
          const { raw, file } = await overwritten(format, map, { base, packed }, changed);
          const now = { ...map, ...(map.rawCrc32 === undefined ? {} : { rawCrc32: crc32.of(raw) }) };
          const writes = await format.reseal(now, changed, new MemorySource(file));
          const source = new MemorySource(
            spoilt ? spoil(file, writes, await wholeOf(format, map, packed)) : file,
          );
          const again = await format.reseal(now, changed, source);
          const patch = changed.map((extent) => ({
            offset: extent.offset,
            bytes: raw.slice(extent.offset, extentEnd(extent)),
            replacedCrc32: crc32.of(base.subarray(extent.offset, extentEnd(extent))),
          }));
          const { writes: sealed } = await format.seal(map, patch, new MemorySource(packed));
          assertSameBytes(withWrites(file, again), withWrites(packed, sealed));
        }),
        { numRuns: 25 },
      );
    });

    test("changes nothing where nothing was changed", async () => {
      const writes = await format.reseal(map, stored, new MemorySource(packed));
      expect(sameBytes(withWrites(packed, writes), packed)).toBe(true);
    });

    test("of nothing tells all that the map is read with and that may be stale", async () => {
      const whole = await wholeOf(format, map, packed);
      const torn = withWrites(packed, await format.reseal(map, stored, new MemorySource(packed)));
      for (const { offset, bytes } of whole) torn.set(randomBytes(bytes.length, offset), offset);
      expect(await format.readMap(overwrittenSource(new MemorySource(torn), whole))).toEqual(map);
    });

    test("of what is not stored is a mistake of the caller", async () => {
      const source = new MemorySource(packed);
      await expect(format.reseal(map, [{ offset: 4096, length: 1 }], source)).rejects.toThrow(RangeError);
      const [segment] = storedSegmentsIn(map, [{ offset: 0, length: 1 }]);
      if (segment === undefined) throw new Error("nothing is stored");
      await expect(format.locateStored(map, segment, source, 4096, 1)).rejects.toThrow(RangeError);
    });

    test("of a file that has another length than the map's is refused", async () => {
      const cut = new MemorySource(packed.subarray(0, -1));
      await expect(format.reseal(map, [], cut)).rejects.toMatchObject({ code: "MAP_INCONSISTENT" });
    });
  });
}

async function wholeOf(
  format: StreamFormat,
  map: SegmentMap,
  packed: Uint8Array,
): Promise<readonly PackedWrite[]> {
  return await format.reseal(map, [], new MemorySource(packed));
}

/** Noise in place of the checksums, but for those over the whole. */
function spoil(file: Uint8Array, seals: readonly PackedWrite[], whole: readonly PackedWrite[]): Uint8Array {
  const kept = new Set(whole.map(({ offset }) => offset));
  const noise = seals
    .filter(({ offset }) => !kept.has(offset))
    .map(({ offset, bytes }) => ({ offset, bytes: randomBytes(bytes.length, offset) }));
  return withWrites(file, noise);
}

/** Overwrites raw bytes where they stand, with the checksums left as they are. */
async function overwritten(
  format: StreamFormat,
  map: SegmentMap,
  { base, packed }: { readonly base: Uint8Array; readonly packed: Uint8Array },
  changed: readonly Extent[],
): Promise<{ readonly raw: Uint8Array; readonly file: Uint8Array }> {
  const raw = base.slice();
  const file = packed.slice();
  for (const extent of changed) {
    raw.set(randomBytes(extent.length, extent.offset + 1), extent.offset);
    for (const segment of storedSegmentsIn(map, [extent])) {
      const from = Math.max(segment.rawOffset, extent.offset);
      const to = Math.min(segment.rawOffset + segment.rawLength, extentEnd(extent));
      let at = from;
      for (const run of await format.locateStored(map, segment, new MemorySource(packed), from, to - from)) {
        file.set(raw.subarray(at, at + run.length), run.offset);
        at += run.length;
      }
      expect(at).toBe(to);
    }
  }
  return { raw, file };
}

const place: fc.Arbitrary<Extent> = fc
  .tuple(
    fc.constantFrom(...stored),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 200_000 }),
  )
  .map(([extent, part, count]) => {
    const offset = extent.offset + Math.floor(part * (extent.length - 1));
    return { offset, length: Math.min(count, extentEnd(extent) - offset) };
  });

function apart(places: readonly Extent[]): Extent[] {
  const kept: Extent[] = [];
  for (const extent of places.toSorted((a, b) => a.offset - b.offset)) {
    const last = kept.at(-1);
    if (last === undefined || extent.offset > extentEnd(last)) kept.push(extent);
  }
  return kept;
}
