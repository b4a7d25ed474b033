import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, deflateRawSync, gzipSync } from "node:zlib";
import { encodeFlushIndex, openIndexedGzip, parseGzipIndex, type FlushPoint } from "@bootstamp/gzip-index";
import { requires, runBytes } from "@bootstamp/witnesses";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  indexBytes,
  indexOf,
  manyBlocks,
  memberWithFields,
  mixedBytes,
  sourceOf,
  trailerOf,
} from "./files.ts";

const python = "/usr/bin/python3";
const library = "/usr/lib/python3/dist-packages/indexed_gzip/__init__.py";

/** Opens argv[1] with the index argv[2] and prints the bytes of each range, having read no byte of the file before. */
const readScript = `
import sys, indexed_gzip
file = indexed_gzip.IndexedGzipFile(sys.argv[1], index_file=sys.argv[2], auto_build=False, readbuf_size=4096)
for pair in sys.argv[3:]:
    offset, length = map(int, pair.split(","))
    file.seek(offset)
    sys.stdout.buffer.write(file.read(length))
`;

/** Makes an index of argv[1] in argv[2]. */
const buildScript = `
import sys, indexed_gzip
file = indexed_gzip.IndexedGzipFile(sys.argv[1], spacing=int(sys.argv[3]))
file.build_full_index()
file.export_index(sys.argv[2])
`;

const raw = mixedBytes(2_000_000);
const ranges = [
  [1_999_000, 1000],
  [65_536, 100],
  [1_000_001, 300_000],
  [0, 10],
  [777_777, 7],
] as const;
const members = [raw.subarray(0, 30_000), raw.subarray(30_000, 900_000), raw.subarray(900_000)];

const files: [string, Buffer][] = [
  ["one member", gzipSync(raw)],
  ["flushed blocks", manyBlocks(raw, 7001)],
  ["members", Buffer.concat(members.map((part) => gzipSync(part)))],
  ["members with long headers", Buffer.concat(members.map((part) => memberWithFields(part)))],
  ["zeros behind", Buffer.concat([gzipSync(raw), Buffer.alloc(5000)])],
];

describe("indexed_gzip", requires(python, library), () => {
  let folder = "";
  let [gzipPath, indexPath] = ["", ""];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bootstamp-gzidx-"));
    [gzipPath, indexPath] = [join(folder, "raw.gz"), join(folder, "raw.gz.gzidx")];
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  async function readByPython(): Promise<Buffer> {
    const pairs = ranges.map(([offset, length]) => `${offset},${length}`);
    return await runBytes(python, ["-c", readScript, gzipPath, indexPath, ...pairs]);
  }

  const expected = Buffer.concat(ranges.map(([offset, length]) => raw.subarray(offset, offset + length)));

  test.each(files)("reads through our index: %s", async (_, packed) => {
    writeFileSync(gzipPath, packed);
    writeFileSync(indexPath, await indexBytes(await indexOf(packed, 100_000), packed));
    expect(Buffer.compare(await readByPython(), expected)).toBe(0);
  });

  test.each(files)("makes an index that we read through: %s", async (_, packed) => {
    writeFileSync(gzipPath, packed);
    await runBytes(python, ["-c", buildScript, gzipPath, indexPath, "100000"]);
    const index = await parseGzipIndex(sourceOf(readFileSync(indexPath)), sourceOf(packed));
    expect(index.rawLength).toBe(raw.length);
    expect(index.points.length).toBeGreaterThan(10);
    const source = openIndexedGzip(sourceOf(packed), index);
    expect(Buffer.compare(await source.read(0, raw.length), raw)).toBe(0);
    for (const [offset, length] of ranges)
      expect(Buffer.compare(await source.read(offset, length), raw.subarray(offset, offset + length))).toBe(
        0,
      );
  });

  test("makes the same points as we do", async () => {
    const packed = files[0]?.[1] ?? Buffer.alloc(0);
    writeFileSync(gzipPath, packed);
    await runBytes(python, ["-c", buildScript, gzipPath, indexPath, "100000"]);
    const theirs = await parseGzipIndex(sourceOf(readFileSync(indexPath)), sourceOf(packed));
    const ours = await indexOf(packed, 100_000);
    expect(theirs.points.length).toBe(ours.points.length);
    for (let point = 0; point < ours.points.length - 1; point++) {
      expect(theirs.points.at(point)).toEqual(ours.points.at(point));
      expect(Buffer.from((await theirs.window(point)) ?? [])).toEqual(
        Buffer.from((await ours.window(point)) ?? []),
      );
    }
  });

  test("reads at random where streams were flushed, without windows", async () => {
    const pieceLength = 300_000;
    const points: FlushPoint[] = [];
    const pieces: Buffer[] = [gzipSync("").subarray(0, 10)];
    let packedOffset = 10;
    for (let rawOffset = 0; rawOffset < raw.length; rawOffset += pieceLength) {
      const piece = raw.subarray(rawOffset, rawOffset + pieceLength);
      // One in two is stored, as ours are where they may be patched.
      const level = points.length % 2 === 0 ? 6 : 0;
      const packed = deflateRawSync(piece, { level, finishFlush: constants.Z_FULL_FLUSH });
      points.push({ rawOffset, packedOffset });
      pieces.push(packed);
      packedOffset += packed.length;
    }
    const packed = Buffer.concat([...pieces, Uint8Array.of(3, 0), trailerOf(raw)]);
    const file = encodeFlushIndex({ packedLength: packed.length, rawLength: raw.length }, points);
    expect(file.length).toBe(35 + 18 * (points.length + 1));
    writeFileSync(gzipPath, packed);
    writeFileSync(indexPath, file);
    expect(Buffer.compare(await readByPython(), expected)).toBe(0);
    const index = await parseGzipIndex(sourceOf(file), sourceOf(packed));
    expect(Buffer.compare(await openIndexedGzip(sourceOf(packed), index).read(0, raw.length), raw)).toBe(0);
  });

  test("refuses our index for another file", async () => {
    const packed = files[0]?.[1] ?? Buffer.alloc(0);
    writeFileSync(gzipPath, Buffer.concat([packed, Buffer.alloc(1)]));
    writeFileSync(indexPath, await indexBytes(await indexOf(packed, 100_000), packed));
    await expect(readByPython()).rejects.toThrow("ZranError");
  });
});
