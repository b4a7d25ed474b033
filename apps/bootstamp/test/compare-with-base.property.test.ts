import { MemorySource, overwrittenSource } from "@bootstamp/byte-source";
import { crc32, crc64nvme } from "@bootstamp/crc";
import type { Segment, SegmentMap } from "@bootstamp/segment-map";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareWithBase } from "../src/commands/publish/compare-with-base.ts";

const bytes = Uint8Array.from({ length: 60_000 }, (_, index) => (index * 31) % 251);
const source = new MemorySource(bytes);
const { signal } = new AbortController();

/** Head, then segments of 10,000 bytes of which every second one is stored, then a tail. */
const segments = [0, 1, 2, 3, 4].map((index): Segment => {
  const kind = index % 2 === 0 ? "compressed" : "stored";
  return { kind, rawOffset: index, rawLength: 1, packedOffset: 5000 + index * 10_000, packedLength: 10_000 };
});
const map: SegmentMap = {
  format: "any",
  rawLength: 5,
  packedLength: bytes.length,
  segments,
  base: undefined,
  rawCrc32: undefined,
  engine: undefined,
};
const base = { source, map, crc64nvme: crc64nvme.of(bytes), crc32: crc32.of(bytes) };

const offset = fc.nat(bytes.length - 1);
const isCompressed = (at: number): boolean =>
  segments.some(
    ({ kind, packedOffset }) => kind === "compressed" && at >= packedOffset && at < packedOffset + 10_000,
  );

test("finds what differs outside compressed segments, with the checksums that follow from it", async () => {
  const places = fc.uniqueArray(
    offset.filter((at) => !isCompressed(at)),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(places, async (changed) => {
      const overwrites = changed
        .toSorted((a, b) => a - b)
        .map((at) => ({ offset: at, bytes: Uint8Array.of((bytes[at] ?? 0) ^ 0xff) }));
      const artifact = overwrittenSource(source, overwrites);
      const now = await artifact.read(0, bytes.length);
      const compared = await compareWithBase(base, artifact, crc64nvme.of(now), signal);
      expect([compared?.crc64nvme, compared?.crc32]).toEqual([crc64nvme.of(now), crc32.of(now)]);
      const rebuilt = new Uint8Array(bytes.length);
      let done = 0;
      for (const { kind, length, baseOffset = 0 } of compared?.spans ?? []) {
        rebuilt.set(
          kind === "shared"
            ? bytes.subarray(baseOffset, baseOffset + length)
            : now.subarray(done, done + length),
          done,
        );
        done += length;
      }
      expect(done).toBe(bytes.length);
      expect(Buffer.compare(rebuilt, now)).toBe(0);
    }),
  );
});

test("what differs in a compressed segment, or in length, is no stamp of the base", async () => {
  await fc.assert(
    fc.asyncProperty(offset.filter(isCompressed), async (at) => {
      const artifact = overwrittenSource(source, [
        { offset: at, bytes: Uint8Array.of((bytes[at] ?? 0) ^ 1) },
      ]);
      const expected = crc64nvme.of(await artifact.read(0, bytes.length));
      expect(await compareWithBase(base, artifact, expected, signal)).toBeUndefined();
    }),
  );
  const shorter = new MemorySource(bytes.subarray(1));
  expect(await compareWithBase(base, shorter, base.crc64nvme, signal)).toBeUndefined();
});
