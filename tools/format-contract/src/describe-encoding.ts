import { MemorySource } from "@bootstamp/byte-source";
import {
  headOfMap,
  type EncodeChoice,
  type Segment,
  type SegmentMap,
  type StreamFormat,
} from "@bootstamp/segment-map";
import { describe, expect, test } from "vitest";
import { assertSameBytes, checkPressed, press, sameBytes } from "./checked-image.ts";
import type { ContractOptions } from "./contract-options.ts";
import { decodeInMemory } from "./memory-press.ts";
import { mixedBytes, randomBytes, sampleImages, textBytes } from "./sample-images.ts";
import { bothEnds, notableExtents } from "./stored-extents.ts";

const mebibyte = 1 << 20;

/** Declares the tests of images that are pressed and read back. */
export function describeEncoding(format: StreamFormat, { choices, outside }: ContractOptions): void {
  const [first = {}] = choices;

  describe.each(sampleImages)("an image: $name", ({ bytes }) => {
    test.each(notableExtents(bytes.length))("with $name stored decodes to itself", async ({ stored }) => {
      await expect(checkPressed(format, bytes, stored, first)).resolves.toBeUndefined();
    });

    const stored = bothEnds(bytes.length);
    test.each(choices)("with %o decodes to itself", async (choice) => {
      await expect(checkPressed(format, bytes, stored, choice)).resolves.toBeUndefined();
    });

    for (const decoder of outside) {
      test(`decodes to itself in ${decoder.name}`, decoder.guard ?? {}, async () => {
        const packed = await press(format, bytes, stored, first);
        expect(sameBytes(await decoder.decode(packed), bytes)).toBe(true);
      });
    }
  });

  for (const choice of choices) describeEncoder(format, choice);
  describeReading(format, first);
  describeOutline(format, first);
}

function describeEncoder(format: StreamFormat, choice: EncodeChoice): void {
  describe(`the encoder of ${JSON.stringify(choice)}`, () => {
    test("leaves what it is given, and gives what it does not keep", async () => {
      const encoder = await format.createEncoder(format.settle(choice));
      const raw = textBytes(100_000);
      const copy = raw.slice();
      const once = (await encoder.compress(raw)).bytes;
      const onceCopy = once.slice();
      await encoder.compress(randomBytes(200_000));
      expect(raw).toEqual(copy);
      expect(once).toEqual(onceCopy);
      for (const { bytes } of [await encoder.zeros(5000), encoder.store(raw)]) {
        bytes.fill(1);
        giveAway(bytes);
      }
      expect((await encoder.compress(raw)).bytes).toEqual(onceCopy);
      expect(raw).toEqual(copy);
      const other = await format.createEncoder(format.settle(choice));
      expect((await other.compress(raw)).bytes).toEqual(onceCopy);
      expect((await encoder.zeros(5000)).bytes).toEqual((await other.zeros(5000)).bytes);
    });

    test("makes zeros small, text smaller, and noise hardly larger", async () => {
      const encoder = await format.createEncoder(format.settle(choice));
      expect((await encoder.zeros(mebibyte)).bytes.length).toBeLessThan(2000);
      expect((await encoder.compress(textBytes(mebibyte))).bytes.length).toBeLessThan(mebibyte / 2);
      expect((await encoder.compress(randomBytes(mebibyte))).bytes.length).toBeLessThan(mebibyte * 1.001);
    });
  });
}

/** As to another thread. */
function giveAway({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}

function describeOutline(format: StreamFormat, choice: EncodeChoice): void {
  test("the outline finds the very segments that the map has", async () => {
    const zeros = new Uint8Array(2 * mebibyte);
    const bytes = Buffer.concat([mixedBytes(mebibyte), zeros, randomBytes(mebibyte), zeros.subarray(4096)]);
    const stored = [0, bytes.length - 8192].map((offset) => ({ offset, length: 4096 }));
    const source = new MemorySource(await press(format, bytes, stored, choice));
    const { rawCrc32, ...map } = await format.readMap(source);
    const outline = await format.readOutline(source);
    expect(outline).toMatchObject(map);
    expect([rawCrc32, undefined]).toContain(outline.rawCrc32);
  });
}

function describeReading(format: StreamFormat, choice: EncodeChoice): void {
  describe("reading", () => {
    test("stored bytes in place gives the image's", async () => {
      const bytes = mixedBytes(2 * mebibyte);
      const packed = await press(format, bytes, [{ offset: 4096, length: mebibyte + 40_960 }], choice);
      const source = new MemorySource(packed);
      const map = await format.readMap(source);
      const stored = map.segments.filter(({ kind }) => kind === "stored");
      expect(stored).not.toEqual([]);
      for (const segment of stored) await checkStored(format, map, segment, source, bytes);
    });

    test("stored bytes beyond their segment is a mistake of the caller", async () => {
      const bytes = mixedBytes(mebibyte);
      const source = new MemorySource(await press(format, bytes, bothEnds(mebibyte), choice));
      const map = await format.readMap(source);
      for (const segment of map.segments) {
        const last = segment.rawOffset + segment.rawLength - 1;
        await expect(format.readStored(map, segment, source, last, 2)).rejects.toThrow(RangeError);
      }
    });

    test("a segment in another thread needs nothing else of the map", async () => {
      const bytes = mixedBytes(2 * mebibyte);
      const source = new MemorySource(await press(format, bytes, bothEnds(bytes.length), choice));
      const map = await format.readMap(source);
      const stripped = structuredClone(headOfMap(map));
      const parts: Uint8Array[] = [];
      for (const segment of structuredClone(map.segments)) {
        parts.push(await decodeInMemory(format, stripped, segment, source));
      }
      expect(sameBytes(Buffer.concat(parts), bytes)).toBe(true);
    });

    test("and writing say how much memory they take, which is more than what they work on", async () => {
      const bytes = mixedBytes(3 * mebibyte);
      const map = await format.readMap(new MemorySource(await press(format, bytes, [], choice)));
      const longest = Math.max(...map.segments.map(({ rawLength }) => rawLength));
      expect(format.decoderMemory(map)).toBeGreaterThan(longest);
      expect(format.decoderMemory({ ...map, segments: [] })).toBeLessThan(16 * mebibyte);
      const settings = format.settle(choice);
      expect(format.encoderMemory(settings, 2 * mebibyte)).toBeGreaterThan(2 * mebibyte);
    });

    test("many segments at a time, or half of one, disturbs nothing", async () => {
      const bytes = mixedBytes(4 * mebibyte);
      const source = new MemorySource(await press(format, bytes, bothEnds(bytes.length), choice));
      const map = await format.readMap(source);
      for (const segment of map.segments) {
        for await (const part of format.decode(map, segment, source)) {
          part.fill(0xee);
          break;
        }
      }
      const decoded = map.segments.map((segment) => decodeInMemory(format, map, segment, source));
      expect(sameBytes(Buffer.concat(await Promise.all(decoded)), bytes)).toBe(true);
    });
  });
}

/** Reads ranges that begin and end around every edge that a stored segment may have inside. */
async function checkStored(
  format: StreamFormat,
  map: SegmentMap,
  segment: Segment,
  source: MemorySource,
  image: Uint8Array,
): Promise<void> {
  const end = segment.rawOffset + segment.rawLength;
  const places = [0, 1, 511, 32_767, 32_768, 65_535].map((offset) => segment.rawOffset + offset);
  for (const from of places.filter((place) => place < end)) {
    for (const to of [from, from + 1, Math.min(end, from + 100_000), end]) {
      const got = await format.readStored(map, segment, source, from, to - from);
      assertSameBytes(got, image.subarray(from, to));
    }
  }
}
