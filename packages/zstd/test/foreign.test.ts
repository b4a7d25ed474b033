import { createHash } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import { type ByteSource, MemorySource, type Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { randomBytes, textBytes, unpackInMemory, withWrites } from "@bootstamp/format-contract";
import { storedExtents } from "@bootstamp/segment-map";
import { zstd } from "@bootstamp/zstd";
import { xxhash64 } from "hash-wasm";
import { describe, expect, test } from "vitest";
import { joined, type ListedFrame, seekTable, skippable } from "./zst-parts.ts";

const text = textBytes(200_000);
const noise = randomBytes(300_000);

/** One frame as zstd makes it, with or without a checksum and a content size. */
function frame(
  raw: Uint8Array,
  options: { readonly sized?: boolean; readonly summed?: boolean } = {},
): Buffer {
  const params = {
    [constants.ZSTD_c_checksumFlag]: options.summed === false ? 0 : 1,
    [constants.ZSTD_c_contentSizeFlag]: options.sized === false ? 0 : 1,
  };
  return zstdCompressSync(raw, { params });
}

interface Part {
  readonly packed: Uint8Array;
  readonly raw: Uint8Array;
}

function partOf(raw: Uint8Array, options?: Parameters<typeof frame>[1]): Part {
  return { packed: frame(raw, options), raw };
}

/** A file of frames with a seek table, which has checksums or has none. */
async function seekable(parts: readonly Part[], withChecksums: boolean): Promise<Uint8Array> {
  const listed: ListedFrame[] = [];
  for (const { packed, raw } of parts) {
    const lengths = { packedLength: packed.length, rawLength: raw.length };
    const digest = await xxhash64(raw);
    listed.push(withChecksums ? { ...lengths, checksum: Number.parseInt(digest.slice(8), 16) } : lengths);
  }
  return joined(...parts.map(({ packed }) => packed), seekTable(listed));
}

const nothing: Part = {
  packed: skippable(0x184d_2a51, Buffer.from("somebody's own")),
  raw: new Uint8Array(),
};

describe.each([true, false])(
  "a seekable file of another program, checksums in its table: %s",
  (withChecksums) => {
    test("is read", async () => {
      const packed = await seekable(
        [partOf(text), partOf(noise.subarray(0, 10)), partOf(text)],
        withChecksums,
      );
      const { map, raw } = await unpackInMemory(zstd, packed);
      expect(Buffer.compare(raw, joined(text, noise.subarray(0, 10), text))).toBe(0);
      expect(map).toMatchObject({ base: undefined, rawCrc32: undefined, engine: undefined, format: "zst" });
      expect(map.segments.map(({ kind }) => kind)).toEqual(["compressed", "stored", "compressed"]);
    });

    test("is read with skippable and empty frames anywhere", async () => {
      const empty = partOf(new Uint8Array());
      const parts = [nothing, empty, partOf(text), nothing, partOf(text.subarray(1000)), empty, nothing];
      const { map, raw } = await unpackInMemory(zstd, await seekable(parts, withChecksums));
      expect(Buffer.compare(raw, joined(text, text.subarray(1000)))).toBe(0);
      expect(map.segments.length).toBe(2);
    });

    test("is read without content sizes and checksums in its frames", async () => {
      const parts = [partOf(text, { sized: false, summed: false }), partOf(text, { sized: false })];
      const { raw } = await unpackInMemory(zstd, await seekable(parts, withChecksums));
      expect(Buffer.compare(raw, joined(text, text))).toBe(0);
    });

    test.each([true, false])("is stamped where it is stored, checksums in its frames: %s", async (summed) => {
      const parts = [nothing, partOf(text), partOf(noise, { summed }), nothing, partOf(text)];
      const packed = await seekable(parts, withChecksums);
      const source = new MemorySource(packed);
      const map = await zstd.readMap(source);
      expect(storedExtents(map)).toEqual([{ offset: text.length, length: noise.length }]);
      const bytes = textBytes(140_000, 5);
      const offset = text.length + 100_000;
      const replacedCrc32 = crc32.of(noise.subarray(100_000, 240_000));
      const { writes, rawCrc32 } = await zstd.seal(map, [{ offset, bytes, replacedCrc32 }], source);
      expect(rawCrc32).toBeUndefined();
      const changed = noise.slice();
      changed.set(bytes, 100_000);
      const stored = {
        packed: withWrites(packed, writes).subarray(map.segments[1]?.packedOffset),
        raw: changed,
      };
      stored.packed = stored.packed.subarray(0, map.segments[1]?.packedLength);
      const expected = await seekable([nothing, partOf(text), stored, nothing, partOf(text)], withChecksums);
      // The table above is made of the changed bytes; the frame must be right in itself.
      expect(Buffer.compare(withWrites(packed, writes), expected)).toBe(0);
      const { raw } = await unpackInMemory(zstd, withWrites(packed, writes));
      expect(Buffer.compare(raw, joined(text, changed, text))).toBe(0);
    });
  },
);

test("a stored frame that is damaged is not sealed as if it were good", async () => {
  const packed = await seekable([partOf(noise)], true);
  const patch: Patch = [
    { offset: 5, bytes: text.slice(0, 10), replacedCrc32: crc32.of(noise.subarray(5, 15)) },
  ];
  const places = [
    ["payload", 200_000],
    ["frame's checksum", packed.length - 29 - 1],
    ["table's", packed.length - 10],
  ];
  for (const [, at] of places as [string, number][]) {
    const bytes = packed.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const source = new MemorySource(bytes);
    await expect(zstd.seal(await zstd.readMap(source), patch, source)).rejects.toMatchObject({
      code: "MAP_SEGMENT_DAMAGED",
      fields: { rawOffset: 0, packedOffset: 0 },
    });
  }
});

/** Decodes and digests, and notes the longest part. */
async function decoded(bytes: Uint8Array): Promise<{ sha256: string; longest: number }> {
  const source: ByteSource = new MemorySource(bytes);
  const map = await zstd.readMap(source);
  const hash = createHash("sha256");
  let longest = 0;
  for (const segment of map.segments) {
    for await (const part of zstd.decode(map, segment, source)) {
      hash.update(part);
      longest = Math.max(longest, part.length);
    }
  }
  return { sha256: hash.digest("hex"), longest };
}

describe("a frame longer than ours may be", () => {
  const length = 40 << 20;
  const long = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += 4 << 20) long.set(text, offset);
  const packed = frame(long);

  test("is decoded in parts", async () => {
    const { sha256, longest } = await decoded(await seekable([{ packed, raw: long }], true));
    expect(sha256).toBe(createHash("sha256").update(long).digest("hex"));
    expect(longest).toBeLessThanOrEqual(1 << 20);
  });

  test.each<[string, Uint8Array, number]>([
    ["comes to less than its table says", packed, length + 1],
    ["comes to more than its table says", frame(long, { sized: false }), length - 1],
    ["has no size and comes to less", frame(long, { sized: false }), length + 1],
    ["is followed by another one", joined(frame(long, { sized: false }), frame(text.subarray(0, 9))), length],
    ["is cut short", packed.subarray(0, -10), length],
    ["has other bytes", packed.map((byte, index) => (index === 50_000 ? byte ^ 4 : byte)), length],
    ["is followed by something else", joined(packed, Buffer.from("something else")), length],
  ])("that %s is refused", async (_name, bytes, rawLength) => {
    const file = joined(bytes, seekTable([{ packedLength: bytes.length, rawLength }]));
    await expect(decoded(file)).rejects.toMatchObject({
      code: "MAP_SEGMENT_DAMAGED",
      fields: { rawOffset: 0, packedOffset: 0 },
    });
  });

  test("stops where the reader stops, and passes on that it cannot be read", async () => {
    const file = await seekable([{ packed, raw: long }], false);
    const source = new MemorySource(file);
    const map = await zstd.readMap(source);
    const [segment] = map.segments;
    if (segment === undefined) throw new Error("there is no segment");
    const parts = zstd.decode(map, segment, source)[Symbol.asyncIterator]();
    expect((await parts.next()).done).toBe(false);
    expect(await parts.return?.()).toMatchObject({ done: true });
    const fault = new Error("the disk is gone");
    const gone: ByteSource = { length: file.length, read: () => Promise.reject(fault) };
    await expect(zstd.decode(map, segment, gone)[Symbol.asyncIterator]().next()).rejects.toBe(fault);
  });
});

describe("a frame that another program cannot have meant", () => {
  const good = frame(text);

  /** `good` with some bytes of its header replaced. RFC 8878 §3.1.1.1: descriptor A4, then a content size of 4 bytes. */
  function withHeader(hex: string): Buffer {
    return Buffer.concat([Buffer.from(`28b52ffd${hex}`, "hex"), good.subarray(9)]);
  }

  test.each<[string, Uint8Array]>([
    ["needs a dictionary", withHeader("a507400d0300")],
    ["has a reserved bit set", withHeader("ac400d0300")],
    ["claims 2^60 bytes", withHeader("e40000000000000010")],
    ["claims one byte more", withHeader("a4410d0300")],
    ["ends in its header", Buffer.from("28b52ffda4400d03", "hex")],
    ["is a skippable frame", skippable(0x184d_2a50, good)],
    ["is nothing of the kind", Buffer.alloc(100, 0x55)],
    ["holds two", joined(frame(text.subarray(0, 9), { sized: false }), frame(text.subarray(9)))],
    ["comes to less", frame(text.subarray(1), { sized: false })],
    ["comes to more", frame(joined(text, text), { sized: false })],
    ["is cut short", good.subarray(0, -1)],
    ["is followed by a byte", joined(good, Uint8Array.of(0))],
  ])("is refused where it %s", async (_name, packed) => {
    const file = joined(
      frame(text),
      packed,
      seekTable([
        { packedLength: frame(text).length, rawLength: text.length },
        { packedLength: packed.length, rawLength: text.length },
      ]),
    );
    await expect(unpackInMemory(zstd, file)).rejects.toMatchObject({
      code: "MAP_SEGMENT_DAMAGED",
      fields: { rawOffset: text.length, packedOffset: frame(text).length },
    });
  });

  test.each<[string, Uint8Array]>([
    ["a frame that comes to something", good],
    ["a skippable frame of another length", joined(nothing.packed, Uint8Array.of(0))],
    ["no frame", Buffer.alloc(50)],
  ])("is refused where %s is said to come to nothing", async (_name, packed) => {
    const file = joined(
      good,
      packed,
      seekTable([
        { packedLength: good.length, rawLength: text.length },
        { packedLength: packed.length, rawLength: 0 },
      ]),
    );
    await expect(unpackInMemory(zstd, file)).rejects.toMatchObject({ code: "MAP_SEGMENT_DAMAGED" });
  });

  test("is no stored one where only its length is right", async () => {
    const packed = Buffer.from(frame(noise));
    // The first block's last byte moves to the second: lengths 2^17 - 1 and 2^17 + 1 (RFC 8878 §3.1.1.2).
    const file = joined(packed, seekTable([{ packedLength: packed.length, rawLength: noise.length }]));
    expect((await zstd.readMap(new MemorySource(file))).segments[0]?.kind).toBe("stored");
    const second = packed.indexOf(Buffer.from([0, 0, 0x10]), 12 + 131_072);
    packed.writeUIntLE(((131_072 - 1) << 3) | 0, second, 3);
    const changed = joined(packed, seekTable([{ packedLength: packed.length, rawLength: noise.length }]));
    expect((await zstd.readMap(new MemorySource(changed))).segments[0]?.kind).toBe("compressed");
  });
});

describe("a checksum in the table is compared", () => {
  const long = new Uint8Array(20 << 20);
  long.set(text);
  const cases: readonly (readonly [string, Part])[] = [
    ["with that of the frame", partOf(text)],
    ["with the bytes, where the frame has none", partOf(text, { summed: false })],
    ["with that of a long frame", partOf(long)],
    ["with the bytes of a long frame", partOf(long, { summed: false })],
  ];
  test.each(cases)("%s", async (_name, part) => {
    const good = await seekable([partOf(noise), part], true);
    expect(Buffer.compare((await unpackInMemory(zstd, good)).raw, joined(noise, part.raw))).toBe(0);
    const bad = Buffer.from(good);
    bad.writeUInt8(bad.readUInt8(bad.length - 10) ^ 1, bad.length - 10);
    await expect(unpackInMemory(zstd, bad)).rejects.toMatchObject({
      code: "MAP_SEGMENT_DAMAGED",
      fields: { rawOffset: noise.length },
    });
  });
});

describe("a frame's window", () => {
  // Two mebibytes of noise with the same noise again behind them: a match that goes two mebibytes back.
  const half = randomBytes(2 << 20, 9);
  const raw = joined(half, half, text);
  const params = { [constants.ZSTD_c_windowLog]: 22, [constants.ZSTD_c_enableLongDistanceMatching]: 1 };
  const packed = zstdCompressSync(raw, { params });
  /** RFC 8878 §3.1.1.1.2: 2^(10 + the upper five bits) bytes. */
  const withWindow = (log: number): Part => {
    const changed = Buffer.from(packed);
    changed.writeUInt8((log - 10) << 3, 5);
    return { packed: changed, raw };
  };

  test("may be as long as zstd takes without being asked to, and as short as its matches allow", async () => {
    expect(packed.length).toBeLessThan(half.length * 1.1);
    for (const log of [22, 27]) {
      const file = await seekable([withWindow(log)], true);
      expect(Buffer.compare((await unpackInMemory(zstd, file)).raw, raw)).toBe(0);
    }
  });

  test("that is longer is refused before anything is decoded", async () => {
    const reading = zstd.readMap(new MemorySource(await seekable([withWindow(28)], true)));
    await expect(reading).rejects.toMatchObject({
      code: "MAP_MISSING",
      message: expect.stringContaining("needs a window of 268435456 bytes, more than the 134217728"),
      fields: { rawOffset: 0, packedOffset: 0, window: 2 ** 28 },
    });
  });

  test.each([10, 17, 20])("that its matches go beyond is refused, as zstd does: 2^%d bytes", async (log) => {
    const file = await seekable([withWindow(log)], true);
    await expect(unpackInMemory(zstd, file)).rejects.toMatchObject({
      code: "MAP_SEGMENT_DAMAGED",
      fields: { rawOffset: 0, packedOffset: 0 },
    });
  });
});

test("files of many small frames are read in few steps", async () => {
  const small = partOf(text.subarray(0, 10));
  const packed = await seekable(
    Array.from({ length: 5000 }, () => small),
    true,
  );
  let reads = 0;
  const source: ByteSource = {
    length: packed.length,
    read: (offset, length) => {
      reads++;
      return new MemorySource(packed).read(offset, length);
    },
  };
  expect((await zstd.readMap(source)).segments.length).toBe(5000);
  expect(reads).toBeLessThan(100);
});
