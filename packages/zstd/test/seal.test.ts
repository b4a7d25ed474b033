import { type ByteSource, MemorySource, type Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { mixedBytes, pressInMemory, randomBytes, withWrites } from "@bootstamp/format-contract";
import { extentEnd, type SegmentMap } from "@bootstamp/segment-map";
import { zstd } from "@bootstamp/zstd";
import { beforeAll, expect, test } from "vitest";

const kibibyte = 1024;
const image = mixedBytes(2_000_000);
const region = { offset: 409_600, length: 1000 * kibibyte };
let packed = new Uint8Array();
let map: SegmentMap;
beforeAll(async () => {
  packed = new Uint8Array(await pressInMemory(zstd, new MemorySource(image), [region], {}));
  map = await zstd.readMap(new MemorySource(packed));
});

function patchOf(...places: readonly (readonly [offset: number, length: number])[]): Patch {
  return places.map(([offset, length]) => ({
    offset,
    bytes: randomBytes(length, offset),
    replacedCrc32: crc32.of(image.subarray(offset, offset + length)),
  }));
}

/** Notes what is read. */
function watched(bytes: Uint8Array): { readonly source: ByteSource; readonly lengths: number[] } {
  const lengths: number[] = [];
  const inner = new MemorySource(bytes);
  const read: ByteSource["read"] = (offset, length) => {
    lengths.push(length);
    return inner.read(offset, length);
  };
  return { source: { length: bytes.length, read }, lengths };
}

test("stored frames have 128 KiB, whatever is around them", () => {
  const stored = map.segments
    .filter(({ kind }) => kind === "stored")
    .map(({ rawLength }) => rawLength / kibibyte);
  expect(stored).toEqual([128, 128, 128, 128, 128, 128, 128, 104]);
});

test("a map is read in six short steps", async () => {
  const { source, lengths } = watched(packed);
  await zstd.readMap(source);
  expect(lengths.length).toBeLessThanOrEqual(6);
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(1000);
});

test("a patch reads the frames that it touches and little else", async () => {
  const { source, lengths } = watched(packed);
  await zstd.seal(map, patchOf([region.offset + 5, 10], [region.offset + 100, 200 * kibibyte]), source);
  expect(lengths.toSorted((a, b) => b - a).slice(0, 2)).toEqual([128 * kibibyte + 16, 128 * kibibyte + 16]);
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(2 * 128 * kibibyte + 100);
});

test("its writes are the bytes, a checksum a frame, the record's end, and a checksum a frame in the table", async () => {
  const start = region.offset + 128 * kibibyte - 10;
  const { writes } = await zstd.seal(map, patchOf([start, 20]), new MemorySource(packed));
  expect(writes.map(({ bytes }) => bytes.length)).toEqual([10, 4, 10, 4, 8, 4, 4]);
});

test("a file that was stamped since its map was read is refused", async () => {
  const source = new MemorySource(packed);
  const { writes } = await zstd.seal(map, patchOf([region.offset, 10]), source);
  const stamped = new MemorySource(withWrites(packed, writes));
  await expect(zstd.seal(map, patchOf([extentEnd(region) - 9, 9]), stamped)).rejects.toMatchObject({
    code: "MAP_INCONSISTENT",
  });
});

test.each<[string, (touched: { packedOffset: number; packedLength: number }) => number]>([
  ["its header", ({ packedOffset }) => packedOffset + 5],
  ["its block's header", ({ packedOffset }) => packedOffset + 9],
  ["bytes that stay", ({ packedOffset }) => packedOffset + 90_000],
  ["its checksum", ({ packedOffset, packedLength }) => packedOffset + packedLength - 1],
])("a frame that is damaged in %s is not sealed as if it were good", async (_name, place) => {
  const touched = map.segments.find(({ kind }) => kind === "stored");
  if (touched === undefined) throw new Error("there is no stored segment");
  const bytes = packed.slice();
  bytes[place(touched)] = (bytes[place(touched)] ?? 0) ^ 0x10;
  await expect(zstd.seal(map, patchOf([region.offset, 10]), new MemorySource(bytes))).rejects.toMatchObject({
    code: "MAP_SEGMENT_DAMAGED",
    fields: { rawOffset: touched.rawOffset, packedOffset: touched.packedOffset },
  });
});

test("a seek table that has another checksum than the frame is not sealed either", async () => {
  const bytes = packed.slice();
  const table = bytes.length - 9 - 12 * (map.segments.length + 1);
  const index = map.segments.findIndex(({ kind }) => kind === "stored");
  const at = table + 12 * index + 8;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await expect(zstd.seal(map, patchOf([region.offset, 10]), new MemorySource(bytes))).rejects.toMatchObject({
    code: "MAP_SEGMENT_DAMAGED",
  });
});

test("reading stored bytes checks the headers that it passes", async () => {
  const segment = map.segments.find(({ kind }) => kind === "stored");
  if (segment === undefined) throw new Error("there is no stored segment");
  for (const at of [4, 5, 9]) {
    const bytes = packed.slice();
    bytes[segment.packedOffset + at] = (bytes[segment.packedOffset + at] ?? 0) ^ 0x20;
    await expect(
      zstd.readStored(map, segment, new MemorySource(bytes), segment.rawOffset + 100, 5),
    ).rejects.toMatchObject({ code: "MAP_SEGMENT_DAMAGED" });
  }
});
