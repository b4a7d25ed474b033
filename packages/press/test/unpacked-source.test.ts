import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteSource, FileSource, MemorySource } from "@bootstamp/byte-source";
import { format as gzip } from "@bootstamp/gzip";
import { pressImage, unpackedSource, type UnpackedSource } from "@bootstamp/press";
import type { StreamFormat } from "@bootstamp/segment-map";
import { format as xz } from "@bootstamp/xz";
import { requires, run } from "@bootstamp/witnesses";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";

const mebibyte = 1 << 20;

/** Text that differs from place to place, with a run of zeros that is longer than a segment. */
function someBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 4096) bytes.write(`block ${at} of an image, and some more text\n`, at);
  bytes.fill(0, Math.min(length, 2 * mebibyte), Math.min(length, 4.5 * mebibyte));
  return bytes;
}

async function packed(bytes: Buffer): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), "bootstamp-unpacked-")), "image.gz");
  const settings = gzip.settle({ engine: "zlib", level: 1 });
  const stored = [{ offset: mebibyte - 4096, length: 12_288 }];
  await pressImage({ base: new MemorySource(bytes), format: gzip, settings, stored, output: path });
  return path;
}

/** A source that counts the bytes that are read from each offset. */
function counted(source: ByteSource): ByteSource & { readonly reads: Map<number, number> } {
  const reads = new Map<number, number>();
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    reads.set(offset, (reads.get(offset) ?? 0) + 1);
    return await source.read(offset, length);
  };
  return { length: source.length, read, reads };
}

async function opened(format: StreamFormat, source: ByteSource): Promise<UnpackedSource> {
  const raw = unpackedSource(format, await format.readMap(source), source);
  onTestFinished(async () => await raw.close());
  return raw;
}

describe("reads of any place and length", () => {
  const bytes = someBytes(9 * mebibyte + 77);

  test.each(["file", "memory"])("give the raw bytes, of a %s", async (kind) => {
    const path = await packed(bytes);
    const raw = await opened(
      gzip,
      kind === "file" ? FileSource.open(path) : new MemorySource(readFileSync(path)),
    );
    expect(raw.length).toBe(bytes.length);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.nat(6 * mebibyte), async (offset, wanted) => {
        const count = Math.min(wanted, bytes.length - offset);
        const read = await raw.read(offset, count);
        expect(bytes.subarray(offset, offset + count).equals(read)).toBe(true);
      }),
      { numRuns: 25 },
    );
    await expect(raw.read(bytes.length - 1, 2)).rejects.toMatchObject({ code: "SOURCE_OUT_OF_RANGE" });
  });
});

test("after it was closed, reads start anew", async () => {
  const bytes = someBytes(9 * mebibyte);
  const raw = await opened(gzip, new MemorySource(readFileSync(await packed(bytes))));
  for (let round = 0; round < 2; round++) {
    expect(bytes.equals(await raw.read(0, bytes.length))).toBe(true);
    await raw.close();
  }
});

test("a segment is decoded once for all who ask at the same time, and for those who come later", async () => {
  const bytes = someBytes(6 * mebibyte);
  const source = counted(new MemorySource(readFileSync(await packed(bytes))));
  const raw = await opened(gzip, source);
  source.reads.clear();
  const offsets = Array.from({ length: 60 }, (_, index) => index * 100_000);
  const ask = async (): Promise<void> => {
    const parts = await Promise.all(offsets.map(async (offset) => await raw.read(offset, 1000)));
    for (const [index, part] of parts.entries()) {
      const offset = offsets[index] ?? 0;
      expect(bytes.subarray(offset, offset + 1000).equals(part)).toBe(true);
    }
  };
  await ask();
  const stored = await gzip
    .readMap(source)
    .then(({ segments }) => segments.filter(({ kind }) => kind === "compressed"));
  for (const { packedOffset } of stored) expect(source.reads.get(packedOffset)).toBe(1);
  await ask();
  for (const { packedOffset } of stored) expect(source.reads.get(packedOffset)).toBe(1);
});

test.each(["prompt", "in a thread"])(
  "what is no file is read once for a segment, decoded %s",
  async (how) => {
    const bytes = someBytes(9 * mebibyte);
    const path = join(mkdtempSync(join(tmpdir(), "bootstamp-held-")), "image.xz");
    const segmentLength = how === "prompt" ? mebibyte : 4 * mebibyte;
    const settings = xz.settle({ level: 0, segmentLength });
    await pressImage({ base: new MemorySource(bytes), format: xz, settings, stored: [], output: path });
    const source = counted(new MemorySource(readFileSync(path)));
    const raw = await opened(xz, source);
    const map = await xz.readMap(source);
    const segment = map.segments.find(({ kind, rawOffset }) => kind === "compressed" && rawOffset > 0);
    source.reads.clear();
    const at = (segment?.rawOffset ?? 0) + 1000;
    expect(bytes.subarray(at, at + 5000).equals(await raw.read(at, 5000))).toBe(true);
    // The stream's header says which check there is.
    const inSegment = [...source.reads].filter(([offset]) => offset > 0);
    expect(inSegment).toEqual([[segment?.packedOffset, 1]]);
  },
);

test("behind a reader that goes forward the next segments are decoded; behind one at random they are not", async () => {
  const bytes = someBytes(14 * mebibyte);
  const path = await packed(bytes);
  const source = counted(new MemorySource(readFileSync(path)));
  const raw = await opened(gzip, source);
  const { segments } = await gzip.readMap(source);
  const begun = (rawOffset: number): boolean =>
    segments.some((each) => each.rawOffset >= rawOffset && source.reads.has(each.packedOffset));
  source.reads.clear();
  await raw.read(10.5 * mebibyte, 4096);
  await raw.read(5.5 * mebibyte, 4096);
  await raw.read(5.75 * mebibyte, 4096);
  expect(begun(11 * mebibyte)).toBe(false);
  await raw.read(6 * mebibyte - 4096, 4096);
  await raw.read(6 * mebibyte + 100_000, 4096);
  await expect.poll(() => source.reads.has(segmentAt(7 * mebibyte))).toBe(true);
  expect(begun(11 * mebibyte)).toBe(false);

  function segmentAt(offset: number): number {
    return segments.find(({ rawOffset, rawLength }) => offset < rawOffset + rawLength)?.packedOffset ?? -1;
  }
});

test("damage shows when what is damaged is read, and again", async () => {
  const bytes = someBytes(9 * mebibyte);
  const file = readFileSync(await packed(bytes));
  const map = await gzip.readMap(new MemorySource(file));
  const victim = map.segments.find(
    ({ rawOffset, kind }) => rawOffset >= 6 * mebibyte && kind === "compressed",
  );
  file.fill(0xa5, (victim?.packedOffset ?? 0) + 50, (victim?.packedOffset ?? 0) + 90);
  const raw = await opened(gzip, new MemorySource(file));
  const inside = (victim?.rawOffset ?? 0) + 10;
  for (let again = 0; again < 2; again++)
    await expect(raw.read(inside, 10)).rejects.toMatchObject({ code: "MAP_SEGMENT_DAMAGED" });
  const before = await raw.read(0, 5 * mebibyte);
  expect(bytes.subarray(0, 5 * mebibyte).equals(before)).toBe(true);
});

test(
  "in one long segment a reader that goes forward goes on where it was, and some is kept",
  requires("xz"),
  async () => {
    const bytes = Buffer.alloc(40 * mebibyte);
    for (const place of [10, 3 * mebibyte, 20 * mebibyte, 39 * mebibyte]) bytes.write("something", place);
    const path = join(mkdtempSync(join(tmpdir(), "bootstamp-unpacked-")), "image");
    writeFileSync(path, bytes);
    await run("xz", ["-0", "-T1", path]);
    const source = counted(FileSource.open(`${path}.xz`));
    const raw = await opened(xz, source);
    const begins = (await xz.readMap(source)).segments[0]?.packedOffset ?? -1;
    source.reads.clear();
    const places = [0, 4096, 3 * mebibyte, 20 * mebibyte, 39 * mebibyte];
    const hold = async (place: number): Promise<void> => {
      expect(bytes.subarray(place, place + 5000).equals(await raw.read(place, 5000))).toBe(true);
    };
    for (const place of places) await hold(place);
    expect(source.reads.get(begins)).toBe(1);
    // What was read lately is kept; what was only passed is not.
    await Promise.all([hold(20 * mebibyte), hold(3 * mebibyte), hold(0)]);
    expect(source.reads.get(begins)).toBe(1);
    await Promise.all([hold(30 * mebibyte), hold(10 * mebibyte)]);
    expect(source.reads.get(begins)).toBe(3);
    for (let at = 0; at < bytes.length; at += mebibyte) await hold(Math.min(at, bytes.length - 5000));
    await hold(39 * mebibyte);
    expect(source.reads.get(begins)).toBe(4);
    await hold(0);
    expect(source.reads.get(begins)).toBe(5);
  },
);
