import { MemorySource, SourceError } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { MapError, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { press, sameBytes } from "./checked-image.ts";
import type { ContractOptions, ForeignFile } from "./contract-options.ts";
import { unpackInMemory } from "./memory-press.ts";
import { mutation } from "./mutations.ts";
import { randomBytes, textBytes } from "./sample-images.ts";

const stored = [
  { offset: 8192, length: 4096 },
  { offset: 20_480, length: 4096 },
];

/** A format is known by these. */
const firstBytes = 16;

/** Compressed, stored and zero segments, in a file of a few thousand bytes. */
function smallImage(seed: number): Uint8Array {
  const image = new Uint8Array(28_672);
  image.set(textBytes(8192, seed));
  image.set(randomBytes(4096, seed), 8192);
  image.set(textBytes(3000, seed + 1), 24_576);
  return image;
}

const image = smallImage(1);
const otherImage = smallImage(2);

/** Declares the tests of files that are damaged, foreign, or made to do harm. */
export function describeDamage(format: StreamFormat, { choices, foreign }: ContractOptions): void {
  let packed = new Uint8Array();
  let other = new Uint8Array();
  let map: SegmentMap;
  beforeAll(async () => {
    packed = new Uint8Array(await press(format, image, stored, choices[0] ?? {}));
    other = new Uint8Array(await press(format, otherImage, stored, choices[0] ?? {}));
    map = await format.readMap(new MemorySource(packed));
  });
  const verdictOn = async (bytes: Uint8Array): Promise<Verdict> => {
    const verdict = await judge(format, bytes);
    return verdict instanceof MapError ? "refused" : verdict;
  };

  describe("damage", () => {
    test.each(["map", "outline"] as const)(
      "of one bit anywhere is noticed and placed, or harmless, by the %s",
      async (by) => {
        const { misplaced, harmless } = await flipEachByte(format, packed, map, by);
        expect(misplaced).toEqual([]);
        // There are bits that mean nothing, such as those between a stored block's header and its length.
        expect(harmless).toBeLessThan(packed.length * 0.01);
      },
    );

    test("by cutting the file anywhere is noticed", async () => {
      for (let length = 0; length < packed.length; length++) {
        expect(await verdictOn(packed.slice(0, length))).toBe("refused");
      }
    });

    test("by bytes behind the end is noticed", async () => {
      for (const more of [new Uint8Array(1), new Uint8Array(512), randomBytes(100), packed]) {
        expect(await verdictOn(new Uint8Array(Buffer.concat([packed, more])))).toBe("refused");
      }
    });

    test("of any kind is noticed or harmless, and never a crash", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
          let bytes: Uint8Array = packed;
          for (const mutate of mutations) bytes = mutate({ bytes, other, segments: map.segments });
          expect(await verdictOn(bytes)).not.toBe("wrong");
          expect(await judge(format, bytes, "outline")).not.toBe("wrong");
        }),
        { numRuns: 300 },
      );
    });

    test("by putting the head of one file before the rest of another is noticed", async () => {
      for (let at = 0; at < packed.length; at += 1 + Math.floor(packed.length / 500)) {
        const bytes = new Uint8Array(Buffer.concat([packed.subarray(0, at), other.subarray(at)]));
        expect(await verdictOn(bytes)).not.toBe("wrong");
      }
    });
  });

  describeForeign(format, foreign);

  describeUnreadable(format, () => ({ packed, map }));
}

/** @param file what is there once the tests run. */
function describeUnreadable(
  format: StreamFormat,
  file: () => { readonly packed: Uint8Array; readonly map: SegmentMap },
): void {
  test("a file that cannot be read fails as the reading does", async () => {
    const { packed, map } = file();
    const fault = new SourceError("SOURCE_TRUNCATED", "cut while it was read");
    const source = { length: packed.length, read: () => Promise.reject(fault) };
    await expect(format.readMap(source)).rejects.toBe(fault);
    await expect(format.readOutline(source)).rejects.toBe(fault);
    for (const segment of map.segments) {
      const parts = format.decode(map, segment, source)[Symbol.asyncIterator]();
      await expect(parts.next()).rejects.toBe(fault);
    }
  });
}

function describeForeign(format: StreamFormat, foreign: readonly ForeignFile[]): void {
  test.each(foreign)("a file that is not ours is recognised: $name", ({ packed }) => {
    expect(format.recognises(packed.subarray(0, 16))).toBe(true);
  });

  const withoutMap = foreign.filter(({ raw }) => raw === undefined);
  test.each(withoutMap)("a file that is not ours is said to have no map: $name", async ({ packed }) => {
    await expect(format.readMap(new MemorySource(packed))).rejects.toMatchObject({ code: "MAP_MISSING" });
  });

  const read = foreign.filter(({ raw }) => raw !== undefined);
  test.each(read)("a file that is not ours is read: $name", async ({ packed, raw: expected = packed }) => {
    const { map, raw } = await unpackInMemory(format, packed);
    expect(sameBytes(raw, expected)).toBe(true);
    expect(map).toMatchObject({ base: undefined, rawCrc32: undefined });
    expect(await format.readOutline(new MemorySource(packed))).toEqual(map);
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["zeros", new Uint8Array(4096)],
    ["noise", randomBytes(5000)],
    ["text", textBytes(5000)],
  ])("a file of %s is said to be of another format", async (_name, bytes) => {
    expect(format.recognises(bytes.subarray(0, 16))).toBe(false);
    await expect(format.readMap(new MemorySource(bytes))).rejects.toMatchObject({
      code: "MAP_NOT_THIS_FORMAT",
    });
  });
}

/** What came of reading a damaged file whole: it was refused, gave one of the images, or, never, anything else. */
type Verdict = "refused" | "unharmed" | "wrong";

/** As {@link Verdict}, with the fault for which it was refused. */
async function judge(
  format: StreamFormat,
  bytes: Uint8Array,
  by: "map" | "outline" = "map",
): Promise<MapError | "unharmed" | "wrong"> {
  try {
    const { raw, map } = await unpackInMemory(format, bytes, by);
    const of = [image, otherImage].find((each) => sameBytes(raw, each));
    const sameBase = map.base === undefined || map.base.rawCrc32 === crc32.of(of ?? raw);
    return of !== undefined && sameBase ? "unharmed" : "wrong";
  } catch (error) {
    if (error instanceof MapError) return error;
    throw error;
  }
}

interface Flips {
  /** What came of the flips that were not placed where they are. */
  readonly misplaced: readonly string[];
  /** How many changed nothing. */
  readonly harmless: number;
}

/** Flips one bit of each byte of a file in turn, and reads it. */
async function flipEachByte(
  format: StreamFormat,
  packed: Uint8Array,
  map: SegmentMap,
  by: "map" | "outline",
): Promise<Flips> {
  const misplaced: string[] = [];
  let harmless = 0;
  for (let offset = 0; offset < packed.length; offset++) {
    const bytes = packed.slice();
    bytes[offset] = (bytes[offset] ?? 0) ^ (1 << ((offset * 5) % 8));
    const verdict = await judge(format, bytes, by);
    if (verdict === "unharmed") harmless++;
    else if (!isPlaced(map, offset, verdict)) misplaced.push(`${offset}: ${String(verdict)}`);
  }
  return { misplaced, harmless };
}

/**
 * Whether a fault says where the damage at a packed offset is: in which segment, or, where stored segments have no check,
 * in which extents. Of what is around the segments its code says enough.
 */
function isPlaced(map: SegmentMap, offset: number, fault: MapError | "wrong"): boolean {
  if (fault === "wrong") return false;
  const segment = map.segments.find((each) => holds(each, offset));
  if (segment === undefined || (fault.code === "MAP_NOT_THIS_FORMAT" && offset < firstBytes)) return true;
  const extent = `${segment.rawLength} bytes at ${segment.rawOffset}`;
  if (fault.code === "MAP_CHECKSUM")
    return map.storedUnchecked === true && segment.kind === "stored" && fault.message.includes(extent);
  return fault.fields["packedOffset"] === segment.packedOffset;
}

function holds({ packedOffset, packedLength }: Segment, offset: number): boolean {
  return offset >= packedOffset && offset < packedOffset + packedLength;
}
