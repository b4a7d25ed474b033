// Files of other programs that have no seek table: their frames are found by walking them.
import { createHash } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import { type ByteSource, MemorySource, type Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  mixedBytes,
  randomBytes,
  spliceInMemory,
  textBytes,
  unpackInMemory,
} from "@bootstamp/format-contract";
import { checkSegmentMap } from "@bootstamp/segment-map";
import { requires, runBytes } from "@bootstamp/witnesses";
import { zstd } from "@bootstamp/zstd";
import { describe, expect, test } from "vitest";
import { joined, skippable } from "./zst-parts.ts";

const text = textBytes(200_000);
const noise = randomBytes(300_000);
const long = mixedBytes(9 << 20);
const note = skippable(0x184d_2a51, Buffer.from("somebody's own"));

function frame(raw: Uint8Array, sized = true, summed = true): Buffer {
  const params = {
    [constants.ZSTD_c_checksumFlag]: summed ? 1 : 0,
    [constants.ZSTD_c_contentSizeFlag]: sized ? 1 : 0,
  };
  return zstdCompressSync(raw, { params });
}

/** A frame with a window of 128 KiB, no content size and no checksum (RFC 8878 §3.1.1.1), of the blocks given. */
function bare(...blocks: readonly Uint8Array[]): Uint8Array {
  return joined(Buffer.from("28b52ffd0038", "hex"), ...blocks);
}

/** §3.1.1.2. */
function block(
  type: number,
  length: number,
  last: boolean,
  content: Uint8Array = new Uint8Array(),
): Uint8Array {
  const header = Buffer.alloc(3);
  header.writeUIntLE((length << 3) | (type << 1) | Number(last), 0, 3);
  return joined(header, content);
}

const raw = 0;
const rle = 1;

/** Counts reads. */
function counted(bytes: Uint8Array): ByteSource & { reads: number; longest: number } {
  const source = new MemorySource(bytes);
  return {
    length: bytes.length,
    reads: 0,
    longest: 0,
    async read(offset, length) {
      this.reads++;
      this.longest = Math.max(this.longest, length);
      return await source.read(offset, length);
    },
  };
}

function damagedInside(packed: Uint8Array): Uint8Array {
  const bytes = packed.slice();
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0x10;
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

async function countReads(packed: Uint8Array): Promise<{ segments: number; reads: number }> {
  const source = counted(packed);
  const { segments } = await zstd.readMap(source);
  expect(source.longest).toBeLessThanOrEqual(1 << 20);
  return { segments: segments.length, reads: source.reads };
}

describe("a file without a seek table is read", () => {
  test.each<[string, Uint8Array, Uint8Array, readonly string[]]>([
    ["of one frame", frame(long), long, ["compressed"]],
    ["without content size", frame(long, false), long, ["compressed"]],
    ["without content size and checksum", frame(text, false, false), text, ["compressed"]],
    ["of frames", joined(frame(text), frame(long)), joined(text, long), ["compressed", "compressed"]],
    [
      "with skippable and empty frames anywhere",
      joined(note, frame(text), note, frame(new Uint8Array()), note, frame(text, false), note),
      joined(text, text),
      ["compressed", "compressed"],
    ],
    ["that stores", joined(frame(noise), frame(text)), joined(noise, text), ["stored", "compressed"]],
    [
      "whose raw blocks end in an empty one",
      bare(block(raw, 1 << 17, false, noise.subarray(0, 1 << 17)), block(raw, 0, true)),
      noise.subarray(0, 1 << 17),
      ["compressed"],
    ],
    [
      "of runs",
      bare(block(rle, 1 << 17, false, Uint8Array.of(7)), block(rle, 9, true, Uint8Array.of(7))),
      new Uint8Array((1 << 17) + 9).fill(7),
      ["compressed"],
    ],
    ["of skippable frames behind nothing", joined(frame(new Uint8Array()), note), new Uint8Array(), []],
  ])("%s", async (_name, packed, expected, kinds) => {
    const { map, raw: got } = await unpackInMemory(zstd, packed);
    expect(Buffer.compare(got, expected)).toBe(0);
    checkSegmentMap(map);
    expect(map).toMatchObject({ base: undefined, rawCrc32: undefined, engine: undefined, format: "zst" });
    expect(map.segments.map(({ kind }) => kind)).toEqual(kinds);
  });

  test("in few reads of 1 MiB at most, whatever its frames and blocks", async () => {
    const tiny = joined(...Array.from({ length: 20_000 }, () => frame(text.subarray(0, 10))));
    expect(await countReads(tiny)).toMatchObject({ segments: 20_000, reads: expect.closeTo(2, -1) });
    const hollow = bare(new Uint8Array(2_100_000), block(raw, 0, true));
    expect(await countReads(hollow)).toMatchObject({ segments: 0, reads: expect.closeTo(4, -1) });
  });

  test("and its raw bytes are those that a decoder in parts gives", async () => {
    const size = 40 << 20;
    const giant = new Uint8Array(size);
    for (let offset = 0; offset < size; offset += 3 << 20) giant.set(text, offset);
    for (const sized of [true, false]) {
      const source = new MemorySource(frame(giant, sized));
      const map = await zstd.readMap(source);
      const hash = createHash("sha256");
      for (const segment of map.segments)
        for await (const part of zstd.decode(map, segment, source)) hash.update(part);
      expect(hash.digest("hex")).toBe(createHash("sha256").update(giant).digest("hex"));
    }
  });
});

describe("a file that does harm is refused before memory is taken for it:", () => {
  const good = frame(text);
  const hostile: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ["cut in its last block", good.subarray(0, -20)],
    ["cut in its checksum", good.subarray(0, -1)],
    ["cut in its header", joined(good, frame(long).subarray(0, 7))],
    ["a block that leads outside", bare(block(2, 1 << 17, true, noise.subarray(0, 100)))],
    ["no last block", bare(block(raw, 3, false, text.subarray(0, 3)))],
    ["a block of the reserved type", bare(block(3, 0, true))],
    [
      "a block longer than its window",
      bare(block(raw, (1 << 17) + 1, true, noise.subarray(0, (1 << 17) + 1))),
    ],
    ["a run longer than its window", bare(block(rle, (1 << 21) - 1, true, Uint8Array.of(0)))],
    // Descriptor C0: a content size of 8 bytes behind the window.
    [
      "2^52 bytes in a raw block",
      joined(Buffer.from("28b52ffdc0380000000000001000", "hex"), block(raw, 1, true, Uint8Array.of(1))),
    ],
    [
      "2^60 bytes",
      joined(
        Buffer.from("28b52ffd c038 0000000000000010".replaceAll(" ", ""), "hex"),
        block(raw, 1, true, Uint8Array.of(1)),
      ),
    ],
    [
      "more than its blocks can come to",
      joined(Buffer.from("28b52ffd803800000100", "hex"), block(2, 9, true, noise.subarray(0, 9))),
    ],
    [
      "less than its blocks come to",
      joined(
        Buffer.from("28b52ffd2001", "hex"),
        block(raw, 1, false, Uint8Array.of(1)),
        block(raw, 1, true, Uint8Array.of(1)),
      ),
    ],
    ["a reserved bit", joined(Buffer.from("28b52ffd0838", "hex"), block(raw, 1, true, Uint8Array.of(1)))],
    ["a dictionary", joined(Buffer.from("28b52ffd013805", "hex"), block(raw, 1, true, Uint8Array.of(1)))],
    ["zeros behind it", joined(good, new Uint8Array(512))],
    ["a skippable frame that leads outside", joined(good, note.subarray(0, -1))],
    ["half a skippable frame's header", joined(good, note.subarray(0, 6))],
    ["damage where no size is given", damagedInside(frame(text, false))],
    ["damage in a long frame without a size", damagedInside(frame(long, false))],
  ];

  test.each(hostile)("%s", async (_name, bytes) => {
    await expect(unpackInMemory(zstd, bytes)).rejects.toMatchObject({ code: "MAP_SEGMENT_DAMAGED" });
  });

  test.each(hostile)("%s, as zstd does", requires("zstd"), async (_name, bytes) => {
    await expect(runBytes("zstd", ["-dcq"], { input: bytes })).rejects.toThrow(/zstd/);
  });

  test("a window of 2 GiB, with what to do", async () => {
    // §3.1.1.1.2: A8 is 2^31.
    const file = joined(good, Buffer.from("28b52ffd00a8", "hex"), block(raw, 1, true, Uint8Array.of(1)));
    await expect(zstd.readMap(new MemorySource(file))).rejects.toMatchObject({
      code: "MAP_MISSING",
      message: expect.stringMatching(
        /window of 2147483648 bytes.*134217728.*400 MiB.*zstd -dc --memory=2048MB/,
      ),
      fields: { rawOffset: text.length, packedOffset: good.length, window: 2 ** 31 },
    });
  });

  test("more frames than are held", async () => {
    const unit = bare(block(rle, 1, true, Uint8Array.of(0)));
    const file = Buffer.alloc(unit.length * ((1 << 21) + 1), unit);
    await expect(zstd.readMap(new MemorySource(file))).rejects.toMatchObject({ code: "MAP_DAMAGED" });
  });
});

// As ours are: descriptor A4, and four bytes for the content size.
function own(bytes: Uint8Array): Uint8Array {
  return joined(Buffer.from("28b52ffda4", "hex"), uint32(bytes.length), frame(bytes, false).subarray(6));
}

describe("a file of ours that was cut off is not taken for another's", () => {
  test.each<[string, Uint8Array]>([
    ["in a frame that nobody else writes so", own(text.subarray(0, 65_535))],
    ["behind several frames", joined(own(text.subarray(0, 196_608)), own(text))],
  ])("%s", async (_name, bytes) => {
    await expect(zstd.readMap(new MemorySource(bytes))).rejects.toMatchObject({
      code: "MAP_INCONSISTENT",
      message: expect.stringContaining("cut off"),
    });
  });

  test("but one frame that zstd too would write so is read", async () => {
    expect(Buffer.compare((await unpackInMemory(zstd, own(text))).raw, text)).toBe(0);
  });
});

describe("a file without a seek table is spliced, and has one then", () => {
  test.each<[string, Uint8Array, Uint8Array]>([
    ["of one long frame", frame(long), long],
    ["without content sizes", joined(note, frame(long, false), note, frame(text, false)), joined(long, text)],
    ["that stores", joined(frame(noise), frame(text)), joined(noise, text)],
  ])("%s", requires("zstd"), async (_name, packed, expected) => {
    const changed = expected.slice();
    const offset = expected.length - 150_000;
    changed.set(randomBytes(5000, 3), offset);
    const patch: Patch = [
      {
        offset,
        bytes: changed.slice(offset, offset + 5000),
        replacedCrc32: crc32.of(expected.subarray(offset, offset + 5000)),
      },
    ];
    const spliced = await spliceInMemory(zstd, packed, patch);
    expect(Buffer.compare(await runBytes("zstd", ["-dcq"], { input: spliced }), changed)).toBe(0);
    expect(Buffer.compare((await unpackInMemory(zstd, spliced)).raw, changed)).toBe(0);
    expect(Buffer.from(spliced).readUInt32LE(spliced.length - 4)).toBe(0x8f92_eab1);
  });
});
