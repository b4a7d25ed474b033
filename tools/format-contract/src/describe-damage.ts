import { MemorySource, SourceError } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { MapError, type StreamFormat } from "@bootstamp/segment-map";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { press, sameBytes } from "./checked-image.ts";
import type { ContractOptions, ForeignFile } from "./contract-options.ts";
import { unpackInMemory } from "./memory-press.ts";
import { randomBytes, textBytes } from "./sample-images.ts";

const stored = [
  { offset: 8192, length: 4096 },
  { offset: 20_480, length: 4096 },
];

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
  beforeAll(async () => {
    packed = new Uint8Array(await press(format, image, stored, choices[0] ?? {}));
    other = new Uint8Array(await press(format, otherImage, stored, choices[0] ?? {}));
  });
  const verdictOn = (bytes: Uint8Array): Promise<Verdict> => judge(format, bytes);

  describe("damage", () => {
    test("of one bit anywhere is noticed, or harmless", async () => {
      const verdicts: Verdict[] = [];
      for (let offset = 0; offset < packed.length; offset++) {
        const bytes = packed.slice();
        bytes[offset] = (bytes[offset] ?? 0) ^ (1 << ((offset * 5) % 8));
        verdicts.push(await verdictOn(bytes));
      }
      expect(verdicts).not.toContain("wrong");
      // There are bits that mean nothing, such as those between a stored block's header and its length.
      expect(verdicts.filter((verdict) => verdict === "refused").length).toBeGreaterThan(
        packed.length * 0.99,
      );
    });

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
          for (const mutate of mutations) bytes = mutate(bytes);
          expect(await verdictOn(bytes)).not.toBe("wrong");
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
  test("a file that cannot be read fails as the reading does", async () => {
    const fault = new SourceError("SOURCE_TRUNCATED", "cut while it was read");
    const source = { length: packed.length, read: () => Promise.reject(fault) };
    await expect(format.readMap(source)).rejects.toBe(fault);
    const map = await format.readMap(new MemorySource(packed));
    for (const segment of map.segments) {
      const parts = format.decode(map, segment, source)[Symbol.asyncIterator]();
      await expect(parts.next()).rejects.toBe(fault);
    }
  });
}

function describeForeign(format: StreamFormat, foreign: readonly ForeignFile[]): void {
  test.each(foreign)("a file that is not ours is said to have no map: $name", async ({ packed }) => {
    expect(format.recognises(packed.subarray(0, 16))).toBe(true);
    await expect(format.readMap(new MemorySource(packed))).rejects.toMatchObject({ code: "MAP_MISSING" });
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

/** What came of reading a damaged file whole: a `MapError`, one of the images, or, never, anything else. */
type Verdict = "refused" | "unharmed" | "wrong";

async function judge(format: StreamFormat, bytes: Uint8Array): Promise<Verdict> {
  try {
    const { raw, map } = await unpackInMemory(format, bytes);
    const of = [image, otherImage].find((each) => sameBytes(raw, each));
    const sameBase = map.base === undefined || map.base.rawCrc32 === crc32.of(of ?? raw);
    return of !== undefined && sameBase ? "unharmed" : "wrong";
  } catch (error) {
    if (error instanceof MapError) return "refused";
    throw error;
  }
}

type Mutation = (bytes: Uint8Array) => Uint8Array;

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Ways in which files get broken, and attackers break them. */
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(([at, value]) => overwrite(at, Uint8Array.of(value))),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 40 })).map(([at, bytes]) => overwrite(at, bytes)),
  fc.tuple(place, fc.nat(300)).map(([at, count]) => overwrite(at, new Uint8Array(count))),
  fc.tuple(place, fc.nat(300)).map(([at, count]) => overwrite(at, new Uint8Array(count).fill(0xff))),
  fc.tuple(place, fc.nat(300)).map(([at, count]) => replace(at, count, new Uint8Array())),
  fc.tuple(place, fc.uint8Array({ maxLength: 40 })).map(([at, bytes]) => replace(at, 0, bytes)),
  fc.tuple(place, place, fc.nat(2000)).map(([to, from, count]) => copyWithin(to, from, count)),
);

function overwrite(at: number, bytes: Uint8Array): Mutation {
  return (file) => replace(at, bytes.length, bytes)(file).slice(0, file.length);
}

function replace(at: number, count: number, bytes: Uint8Array): Mutation {
  return (file) => {
    const offset = Math.floor(at * file.length);
    return new Uint8Array(Buffer.concat([file.subarray(0, offset), bytes, file.subarray(offset + count)]));
  };
}

function copyWithin(to: number, from: number, count: number): Mutation {
  return (file) => {
    const source = Math.floor(from * file.length);
    return file.slice().copyWithin(Math.floor(to * file.length), source, source + count);
  };
}
