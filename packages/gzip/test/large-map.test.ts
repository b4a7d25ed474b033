import { crc32 } from "@bootstamp/crc";
import { MemorySource } from "@bootstamp/byte-source";
import { decodeInMemory, textBytes } from "@bootstamp/format-contract";
import { gzip } from "@bootstamp/gzip";
import { type Extent, MapError, type Segment, type SegmentMap } from "@bootstamp/segment-map";
import { beforeAll, describe, expect, test } from "vitest";

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
const tebibyte = 2 ** 40;
const settings = gzip.settle({ engine: "zlib" });
const maxHeadLength = 12 + 16_384;

test.each([gibibyte, 5 * gibibyte, 16 * gibibyte, tebibyte, 16 * tebibyte, 128 * tebibyte])(
  "the extra field of an image of %d bytes is at most 16384 bytes",
  (length) => {
    for (const stored of [[], scattered(3000)]) {
      expect(gzip.plan(length, stored, settings).headLength).toBeLessThanOrEqual(maxHeadLength);
    }
  },
);

test("an image above 128 TiB is refused", () => {
  expect(() => gzip.plan(128 * tebibyte + 1, [], settings)).toThrow(
    expect.objectContaining({ code: "MAP_TOO_LARGE" }),
  );
});

test("several hundred scattered blocks are stored alone, and thousands joined as far as need be", () => {
  expect(gzip.plan(gibibyte, scattered(800), settings).stored).toEqual(scattered(800));
  const joined = gzip.plan(gibibyte, scattered(3000), settings).stored;
  expect(joined.length).toBeLessThan(3000);
  expect(joined.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(3000 * 33 * 4096);
});

describe("an image of 24 GiB", () => {
  const length = 24 * gibibyte;
  /** One segment of several MiB: text, zeros, text. */
  const text = textBytes(mebibyte);
  const textAt = new Set([2 * gibibyte, 2 * gibibyte + 3 * mebibyte]);
  let packed: Buffer = Buffer.alloc(0);
  let map: SegmentMap;
  let mixed: Segment;
  beforeAll(async () => {
    packed = await pressSparse(length, text, textAt);
    map = await gzip.readMap(new MemorySource(packed));
    const found = map.segments.find(({ kind }) => kind === "compressed");
    if (found === undefined) throw new Error("the text is not there");
    mixed = found;
  });

  test("has segments of several pieces, all found again", () => {
    expect(map.segments.map(({ rawLength }) => rawLength)).toContain(16 * mebibyte);
    expect(map.segments.filter(({ kind }) => kind !== "zero").length).toBe(1);
    expect(map.rawLength).toBe(length);
  });

  test("decodes a segment of several pieces in parts", async () => {
    const raw = await decodeInMemory(gzip, map, mixed, new MemorySource(packed));
    const expected = new Uint8Array(mixed.rawLength);
    for (const offset of textAt) expected.set(text, offset - mixed.rawOffset);
    expect(Buffer.compare(raw, expected)).toBe(0);
    const zero = map.segments.at(-1);
    expect(zero?.kind).toBe("zero");
  });

  test("stops where the reader stops", async () => {
    const parts = gzip.decode(map, mixed, new MemorySource(packed))[Symbol.asyncIterator]();
    const first = await parts.next();
    expect(first.done).toBe(false);
    expect(await parts.return?.()).toMatchObject({ done: true });
  });

  test.each<[string, (bytes: Buffer, from: number, to: number) => unknown]>([
    ["a final block in the middle", (bytes, from) => bytes.write("\x03\x00", from + 5000, "latin1")],
    ["another first byte", (bytes, from) => bytes.writeUInt8(0xff, from)],
    ["zeros at the end", (bytes, _from, to) => bytes.fill(0, to - 60, to)],
    [
      "its beginning once more at its end",
      (bytes, from, to) => bytes.copyWithin(to - 1000, from, from + 1000),
    ],
  ])("notices damage to it: %s", async (_name, damage) => {
    const bytes = Buffer.from(packed);
    damage(bytes, mixed.packedOffset, mixed.packedOffset + mixed.packedLength);
    const decoding = decodeInMemory(gzip, map, mixed, new MemorySource(bytes));
    await expect(decoding).rejects.toBeInstanceOf(MapError);
    await expect(decoding).rejects.toMatchObject({
      code: "MAP_SEGMENT_DAMAGED",
      fields: { rawOffset: mixed.rawOffset, packedOffset: mixed.packedOffset },
    });
  });

  test("passes on that it cannot be read", async () => {
    const fault = new Error("the disk is gone");
    const source = {
      length: packed.length,
      read: (offset: number, count: number) =>
        offset > mixed.packedOffset ? Promise.reject(fault) : new MemorySource(packed).read(offset, count),
    };
    await expect(decodeInMemory(gzip, map, mixed, source)).rejects.toBe(fault);
  });
});

/** Presses zeros but for some pieces, without touching a byte for each. */
async function pressSparse(length: number, text: Uint8Array, textAt: ReadonlySet<number>): Promise<Buffer> {
  const plan = gzip.plan(length, [], settings);
  const encoder = await gzip.createEncoder(settings);
  const frame = gzip.openFrame(plan, settings);
  const zeroCrc = crc32.zeros(mebibyte);
  const textCrc = crc32.of(text);
  const parts: Uint8Array[] = [];
  for (const piece of plan.pieces()) {
    const hasText = textAt.has(piece.rawOffset);
    const { bytes, kind, note } = await (hasText ? encoder.compress(text) : encoder.zeros(piece.rawLength));
    parts.push(bytes);
    frame.add({ piece, kind, packedLength: bytes.length, rawCrc32: hasText ? textCrc : zeroCrc, note });
  }
  const { head, tail } = frame.finish();
  return Buffer.concat([head, ...parts, tail]);
}

/** Blocks of which no two touch. */
function scattered(count: number): Extent[] {
  return Array.from({ length: count }, (_, index) => ({
    offset: (index * 32 + (index % 3)) * 4096,
    length: 4096,
  }));
}
