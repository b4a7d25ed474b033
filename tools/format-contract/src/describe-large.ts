import { MemorySource, Overlay } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  alignExtents,
  type Segment,
  segmentIndexAt,
  type SegmentMap,
  type StreamFormat,
} from "@bootstamp/segment-map";
import { beforeAll, describe, expect, test } from "vitest";
import { assertSameBytes } from "./checked-image.ts";
import type { ContractOptions } from "./contract-options.ts";
import { decodeInMemory, pressInMemory, withWrites } from "./memory-press.ts";
import { textBytes, zeroSource } from "./sample-images.ts";

const length = 2 ** 32 + 5 * 2 ** 20 + 512;
const places = [0, 2 ** 31, 2 ** 32 - 6000, 2 ** 32 + 2 ** 20, length - 10_000];
const stored = alignExtents(
  [2 ** 32 - 5000, length - 1].map((offset) => ({ offset, length: 1 })),
  4096,
  length,
);

/** Declares tests above 4 GiB, where lengths need more than 32 bits; zeros but for a few places, so it takes seconds. */
export function describeLarge(format: StreamFormat, { choices }: ContractOptions): void {
  describe("an image above 4 GiB", () => {
    const image = new Overlay(zeroSource(length));
    let packed = new Uint8Array();
    beforeAll(async () => {
      for (const offset of places) image.writeSync(offset, textBytes(10_000, offset));
      packed = new Uint8Array(await pressInMemory(format, image, stored, choices[0] ?? {}));
    }, 60_000);

    test.each([...places, 2 ** 32 + 11_000, length - 1])("is found again at %d", async (offset) => {
      const source = new MemorySource(packed);
      const map = await format.readMap(source);
      expect(map.rawLength).toBe(length);
      const segment = segmentAt(map, offset);
      const expected = new Uint8Array(segment.rawLength);
      image.readSync(segment.rawOffset, expected);
      assertSameBytes(await decodeInMemory(format, map, segment, source), expected);
    });

    test("can be patched at its end", async () => {
      const before = await format.readMap(new MemorySource(packed));
      const last = new Uint8Array(512);
      image.readSync(length - 512, last);
      const run = { offset: length - 512, bytes: textBytes(512, 77), replacedCrc32: crc32.of(last) };
      const { writes } = await format.seal(before, [run], new MemorySource(packed));
      const stamped = new MemorySource(withWrites(packed, writes));
      const map = await format.readMap(stamped);
      expect(await format.readStored(map, segmentAt(map, run.offset), stamped, run.offset, 512)).toEqual(
        run.bytes,
      );
      const sealed = crc32.patch(before.rawCrc32 ?? 0, run.replacedCrc32, crc32.of(run.bytes), 0);
      expect(map.rawCrc32).toBe(before.rawCrc32 === undefined ? undefined : sealed);
    });
  });
}

function segmentAt(map: SegmentMap, offset: number): Segment {
  const segment = map.segments[segmentIndexAt(map, offset)];
  if (segment === undefined) throw new Error(`no segment at ${offset}`);
  return segment;
}
