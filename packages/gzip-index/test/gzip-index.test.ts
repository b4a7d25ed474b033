import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, crc32, deflateRawSync, gzipSync } from "node:zlib";
import { crc32 as crc } from "@bootstamp/crc";
import { buildGzipIndex, openIndexedGzip, parseGzipIndex, type GzipIndex } from "@bootstamp/gzip-index";
import type { ByteSource } from "@bootstamp/byte-source";
import { requires, runBytes } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { indexBytes, indexOf, manyBlocks, memberWithFields, mixedBytes, sourceOf } from "./files.ts";

const raw = mixedBytes(1_500_000);
const spacing = 64 << 10;

const ranges = [
  [0, 1],
  [1_499_999, 1],
  [700_000, 100_000],
  [65_535, 2],
  [0, 1_500_000],
  [1_200_000, 0],
] as const;

/** The first range that reads wrong, if any. */
async function wrongRange(packed: Uint8Array, index: GzipIndex, expected = raw): Promise<string | undefined> {
  const source = openIndexedGzip(sourceOf(packed), index);
  if (source.length !== expected.length) return `${source.length} bytes`;
  for (const [from, count] of ranges) {
    const [offset, length] = [
      Math.min(from, expected.length),
      Math.min(count, Math.max(0, expected.length - from)),
    ];
    const read = await source.read(offset, length);
    if (Buffer.compare(read, expected.subarray(offset, offset + length)) !== 0) return `${offset} ${length}`;
  }
  return undefined;
}

/** Builds an index, checks the bytes on their way, writes and parses it, and reads through both. */
async function faultWith(packed: Uint8Array, expected = raw): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  const onBytes = (bytes: Uint8Array): void => void parts.push(bytes.slice());
  const { index } = await buildGzipIndex(sourceOf(packed), { spacing, onBytes });
  if (Buffer.compare(Buffer.concat(parts), expected) !== 0) return "inflates to other bytes";
  const file = await indexBytes(index, packed);
  const parsed = await parseGzipIndex(sourceOf(file), sourceOf(packed));
  expect(parsed.spanCrc32s).toEqual(index.spanCrc32s);
  const foreign = await parseGzipIndex(sourceOf(file.subarray(0, windowsEnd(index))), sourceOf(packed));
  expect(foreign.spanCrc32s).toBeUndefined();
  return (
    (await wrongRange(packed, index, expected)) ??
    (await wrongRange(packed, parsed, expected)) ??
    (await wrongRange(packed, foreign, expected))
  );
}

/** The length of an index file without what other programs do not write. */
function windowsEnd({ points }: GzipIndex): number {
  const windows = Array.from({ length: points.length }, (_, index) => points.at(index).hasWindow);
  return 35 + 18 * points.length + 32_768 * windows.filter(Boolean).length;
}

describe("files of every shape are read at random", () => {
  test.each([
    ["level 1", gzipSync(raw, { level: 1 })],
    ["level 9", gzipSync(raw, { level: 9 })],
    ["stored", gzipSync(raw, { level: 0 })],
    ["fixed codes", gzipSync(raw, { strategy: constants.Z_FIXED })],
    ["no matches", gzipSync(raw, { strategy: constants.Z_HUFFMAN_ONLY })],
    ["small blocks", gzipSync(raw, { memLevel: 1 })],
    ["a small window", gzipSync(raw, { windowBits: 9 })],
    ["flushed blocks", manyBlocks(raw, 5000)],
    ["every field of a header", memberWithFields(raw)],
    ["a header of 130 KiB", memberWithFields(raw, "n".repeat(70_000), 65_535)],
    [
      "members",
      Buffer.concat([raw.subarray(0, 400_000), raw.subarray(400_000)].map((part) => gzipSync(part))),
    ],
    ["members of 10000 bytes", Buffer.concat(cut(raw, 10_000).map((part) => memberWithFields(part)))],
    ["empty members", Buffer.concat([gzipSync(""), gzipSync(raw), gzipSync(""), gzipSync("")])],
    [
      "zeros between members and behind",
      Buffer.concat([
        gzipSync(raw.subarray(0, 9)),
        Buffer.alloc(1000),
        gzipSync(raw.subarray(9)),
        Buffer.alloc(70_000),
      ]),
    ],
    ["garbage behind", Buffer.concat([gzipSync(raw), Buffer.from("garbage")])],
  ])("%s", async (_, packed) => {
    expect(await faultWith(packed)).toBeUndefined();
  });

  test.each([
    ["gzip", ["-c"]],
    ["pigz", ["-c"]],
    ["pigz", ["-ci"]],
    ["igzip", ["-c"]],
    ["libdeflate-gzip", ["-12", "-c"]],
    ["bgzip", ["-c"]],
  ] as const)("%s %j", requires("gzip", "pigz", "igzip", "libdeflate-gzip", "bgzip"), async (tool, args) => {
    const folder = mkdtempSync(join(tmpdir(), "bootstamp-gzip-"));
    const path = join(folder, "raw");
    writeFileSync(path, raw);
    const packed = await runBytes(tool, [...args, path]);
    rmSync(folder, { recursive: true });
    expect(await faultWith(packed)).toBeUndefined();
  });

  test("a file of no bytes", async () => {
    const { index } = await buildGzipIndex(sourceOf(gzipSync("")));
    expect(await openIndexedGzip(sourceOf(gzipSync("")), index).read(0, 0)).toHaveLength(0);
    expect(index.rawLength).toBe(0);
  });

  test.each([
    [gzipSync("a"), { trailing: "nothing", memberCount: 1 }],
    [Buffer.concat([gzipSync("a"), gzipSync("b"), Buffer.alloc(9)]), { trailing: "zeros", memberCount: 2 }],
    [
      Buffer.concat([gzipSync("a"), Buffer.alloc(9), Buffer.from("x")]),
      { trailing: "garbage", memberCount: 1 },
    ],
  ])("what is behind the last member is told", async (packed, expected) => {
    expect(await buildGzipIndex(sourceOf(packed))).toMatchObject(expected);
  });

  test("where points are far apart, a reader's place is kept", async () => {
    // Zeros alone are more than 4 MiB a block.
    const long = new Uint8Array(80 << 20);
    for (let at = 0; at < long.length; at += 999_983) long[at] = at & 255;
    const packed = gzipSync(long, { level: 1 });
    const index = await indexOf(packed, 2 ** 40);
    const source = openIndexedGzip(sourceOf(packed), index);
    for (const offset of [0, 50_000_000, 50_100_000, 1000, 79_000_000, 78_000_000]) {
      const read = await source.read(offset, 1_000_000);
      expect(Buffer.compare(read, long.subarray(offset, offset + 1_000_000))).toBe(0);
    }
    const both = await Promise.all([source.read(999_983, 1), source.read(0, 2), source.read(1_999_966, 1)]);
    expect(both.map(([first]) => first)).toEqual([long[999_983], 0, long[1_999_966]]);
  });

  test("a file of more than 4 GiB", async () => {
    const piece = new Uint8Array(64 << 20).fill(65, 0, 5);
    const flushed = deflateRawSync(piece, { level: 1, finishFlush: constants.Z_FULL_FLUSH });
    const count = 65;
    const sum = Array.from({ length: count }).reduce<number>(
      (total) => crc.combine(total, crc32(piece), piece.length),
      0,
    );
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(sum);
    trailer.writeUInt32LE((count * piece.length) % 2 ** 32, 4);
    const pieces = Array.from({ length: count }, () => flushed);
    const packed = Buffer.concat([gzipSync("").subarray(0, 10), ...pieces, Uint8Array.of(3, 0), trailer]);
    const { index } = await buildGzipIndex(sourceOf(packed), { spacing: 32 << 20 });
    expect(index.rawLength).toBe(count * piece.length);
    const parsed = await parseGzipIndex(sourceOf(await indexBytes(index, packed)), sourceOf(packed));
    const source = openIndexedGzip(sourceOf(packed), parsed);
    expect(Buffer.from(await source.read(64 * piece.length - 2, 8))).toEqual(Buffer.from("\0\0AAAAA\0"));
  });
});

describe("an index", () => {
  test("has a point about each spacing, and no more than 2048 windows", async () => {
    const packed = manyBlocks(raw, 300);
    const index = await indexOf(packed, 1);
    const windows = (windowsEnd(index) - 35 - 18 * index.points.length) / 32_768;
    expect(windows).toBeLessThanOrEqual(2048);
    expect(windows).toBeGreaterThan(1000);
    const offsets = Array.from(
      { length: index.points.length },
      (_, point) => index.points.at(point).rawOffset,
    );
    expect(Math.max(...offsets.map((offset, point) => offset - (offsets[point - 1] ?? 0)))).toBe(1200);
    expect(await wrongRange(packed, index)).toBeUndefined();
    const wide = await indexOf(packed, 100_000);
    expect(wide.points.length).toBe(1 + 14 + 1);
  });

  test("of a file changed since is refused, or says where the file is damaged", async () => {
    const packed = gzipSync(raw);
    const file = await indexBytes(await indexOf(packed, spacing), packed);
    const other = gzipSync(raw.map((byte) => byte ^ 1));
    const longer = Buffer.concat([packed, Buffer.alloc(1)]);
    const sameLength = Buffer.concat([packed.subarray(0, -1), Uint8Array.of(0x7f)]);
    for (const bytes of [other, longer, sameLength])
      await expect(parseGzipIndex(sourceOf(file), sourceOf(bytes))).rejects.toMatchObject({
        code: "GZINDEX_OTHER_FILE",
      });
    const damaged = Buffer.from(packed);
    damaged[400_000] = (damaged[400_000] ?? 0) ^ 1;
    const index = await parseGzipIndex(sourceOf(file), sourceOf(damaged));
    const source = openIndexedGzip(sourceOf(damaged), index);
    expect(await source.read(0, 1000)).toHaveLength(1000);
    await expect(source.read(0, raw.length)).rejects.toMatchObject({ code: "GZINDEX_STREAM_DAMAGED" });
  });

  test("of another program that is for another file of the same length shows it by a window", async () => {
    const packed = stored(raw);
    const index = await indexOf(packed, spacing);
    const file = (await indexBytes(index, packed)).subarray(0, windowsEnd(index));
    const other = stored(raw.map((byte) => byte ^ 1));
    expect(other.length).toBe(packed.length);
    const parsed = await parseGzipIndex(sourceOf(file), sourceOf(other));
    await expect(openIndexedGzip(sourceOf(other), parsed).read(0, 1)).rejects.toMatchObject({
      code: "GZINDEX_OTHER_FILE",
    });
  });

  test("is made once through, in order, and can be stopped", async () => {
    const packed = gzipSync(raw);
    const reads: number[] = [];
    const source: ByteSource = {
      length: packed.length,
      read: async (offset, length) => {
        reads.push(offset);
        return await sourceOf(packed).read(offset, length);
      },
    };
    await buildGzipIndex(source);
    expect(reads.length).toBeLessThan(8);
    await expect(buildGzipIndex(source, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
    await expect(buildGzipIndex(source, { onBytes: failToWrite })).rejects.toThrow("no room");
  });

  test("a span is inflated once for all who ask, and the next one ahead", async () => {
    const packed = gzipSync(raw);
    const index = await indexOf(packed, 200_000);
    const reads: number[] = [];
    const source = openIndexedGzip(
      {
        length: packed.length,
        read: async (offset, length) => {
          reads.push(offset);
          return await sourceOf(packed).read(offset, length);
        },
      },
      index,
    );
    await Promise.all([source.read(0, 10), source.read(5, 10), source.read(100_000, 10)]);
    await source.read(0, 1000);
    await source.read(300_000, 10);
    // The first, the second ahead of it, and the third ahead of that.
    expect(reads.length).toBe(3);
  });
});

test.each([
  ["no gzip", Buffer.from("PK\u0003\u0004"), "GZINDEX_NOT_GZIP"],
  ["nothing", Buffer.alloc(0), "GZINDEX_NOT_GZIP"],
  ["another method", Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0]), "GZINDEX_STREAM_DAMAGED"],
  ["unknown flags", Buffer.from([0x1f, 0x8b, 8, 0x80, 0, 0, 0, 0, 0, 0]), "GZINDEX_STREAM_DAMAGED"],
  ["half a header", gzipSync("").subarray(0, 5), "GZINDEX_STREAM_DAMAGED"],
  [
    "a header that does not end",
    Buffer.concat([memberWithFields(raw).subarray(0, 11), Buffer.alloc(300_000, 1)]),
    "GZINDEX_STREAM_DAMAGED",
  ],
  ["a header with another CRC", memberWithFields(raw).fill(1, 4, 5).fill(9, 5, 6), "GZINDEX_STREAM_DAMAGED"],
  ["a stream that is cut off", gzipSync(raw).subarray(0, 300_000), "GZINDEX_STREAM_DAMAGED"],
  ["a trailer that is cut off", gzipSync(raw).subarray(0, -1), "GZINDEX_STREAM_DAMAGED"],
  [
    "another CRC-32",
    Buffer.concat([gzipSync("a").subarray(0, -8), Buffer.alloc(4), Buffer.of(1, 0, 0, 0)]),
    "GZINDEX_STREAM_DAMAGED",
  ],
  [
    "another length",
    Buffer.concat([gzipSync("a").subarray(0, -4), Buffer.alloc(4)]),
    "GZINDEX_STREAM_DAMAGED",
  ],
  [
    "a second member that is cut off",
    Buffer.concat([gzipSync("a"), gzipSync("b").subarray(0, 12)]),
    "GZINDEX_STREAM_DAMAGED",
  ],
])("%s is refused", async (_, bytes, code) => {
  await expect(buildGzipIndex(sourceOf(bytes))).rejects.toMatchObject({ code });
});

async function failToWrite(): Promise<void> {
  await Promise.reject(new Error("no room"));
}

function stored(bytes: Uint8Array): Buffer {
  return gzipSync(bytes, { level: 0 });
}

function cut(bytes: Uint8Array, length: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += length) parts.push(bytes.subarray(at, at + length));
  return parts;
}
