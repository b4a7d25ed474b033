import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteSource, FileSource, MemorySource } from "@bootstamp/byte-source";
import { crc32, crc64nvme } from "@bootstamp/crc";
import { Fault } from "@bootstamp/fault";
import { format, gzip } from "@bootstamp/gzip";
import { checkImage, pressImage } from "@bootstamp/press";
import { storedExtents, totalLength, type Extent, type Segment } from "@bootstamp/segment-map";
import { requires, withShortWrites } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import { zstd } from "@bootstamp/zstd";
import fc from "fast-check";
import { expect, test } from "vitest";

const mebibyte = 1 << 20;
const settings = format.settle({ engine: "zlib", level: 1 });

/** An image with text, noise and runs of zeros, in a scratch folder. */
function makeBase(length: number): { folder: string; base: FileSource; bytes: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-press-"));
  const bytes = Buffer.alloc(length);
  for (let offset = 0; offset < length; offset += 3 * mebibyte) {
    bytes.fill(`line ${offset} of an image\n`, offset, Math.min(length, offset + mebibyte));
    for (let at = offset; at < Math.min(length, offset + 5000); at++) bytes[at] = (at * 2_654_435_761) >>> 13;
  }
  writeFileSync(join(folder, "base"), bytes);
  return { folder, base: FileSource.open(join(folder, "base")), bytes };
}

const press = async (base: FileSource, output: string, stored: Extent[], threads?: number) =>
  await pressImage({ base, format, settings, stored, output, ...(threads === undefined ? {} : { threads }) });

async function check(path: string, threads?: number): Promise<{ readonly rawCrc32: number }> {
  const packed = FileSource.open(path);
  try {
    const map = await format.readMap(packed);
    return await checkImage({ packed, format, map, ...(threads === undefined ? {} : { threads }) });
  } finally {
    packed.close();
  }
}

test("the bytes do not depend on the number of threads, and gzip reads them", requires("gzip"), async () => {
  const { folder, base, bytes } = makeBase(7 * mebibyte + 1234);
  const stored = [
    { offset: 4096, length: 8192 },
    { offset: 5 * mebibyte, length: 4096 },
  ];
  const outputs: Buffer[] = [];
  for (const threads of [1, 2, 3]) {
    const output = join(folder, `${threads}.gz`);
    const pressed = await press(base, output, stored, threads);
    const packed = readFileSync(output);
    expect(pressed.packedLength).toBe(packed.length);
    expect(pressed.rawCrc32).toBe(crc32.of(bytes));
    expect(pressed.packedCrc64nvme).toBe(crc64nvme.of(packed));
    expect(storedExtents(pressed.map)).toEqual(stored);
    outputs.push(packed);
  }
  expect(outputs[1]?.equals(outputs[0] ?? Buffer.alloc(0))).toBe(true);
  expect(outputs[2]?.equals(outputs[0] ?? Buffer.alloc(0))).toBe(true);
  const unpacked = execFileSync("gzip", ["-dc", join(folder, "1.gz")], { maxBuffer: 1 << 26 });
  expect(unpacked.equals(bytes)).toBe(true);
  expect(readdirSync(folder).toSorted()).toEqual(["1.gz", "2.gz", "3.gz", "base"]);
});

test.each([
  { name: gzip.name, stream: gzip, choice: { level: 1 } },
  { name: xz.name, stream: xz, choice: { level: 0, segmentLength: mebibyte } },
  { name: zstd.name, stream: zstd, choice: { level: 1, segmentLength: mebibyte } },
])("runs of zeros become zero segments of a $name, and nothing else does", async ({ stream, choice }) => {
  const { folder, base, bytes } = makeBase(12 * mebibyte);
  // What is stored stays so, though it is zeros.
  const stored = [{ offset: 8 * mebibyte, length: 4096 }];
  const output = join(folder, `base${stream.extension}`);
  const { map } = await pressImage({ base, format: stream, settings: stream.settle(choice), stored, output });
  const isZero = ({ rawOffset, rawLength }: Segment): boolean =>
    bytes.subarray(rawOffset, rawOffset + rawLength).every((byte) => byte === 0);
  const kinds = map.segments.map((segment) => [segment.kind, isZero(segment)] as const);
  expect(kinds.filter(([kind]) => kind === "stored")).toEqual([["stored", true]]);
  expect(kinds.filter(([kind, zero]) => kind !== "stored" && (kind === "zero") !== zero)).toEqual([]);
  const zeros = map.segments.filter(({ kind }) => kind === "zero");
  expect(
    totalLength(zeros.map(({ rawOffset, rawLength }) => ({ offset: rawOffset, length: rawLength }))),
  ).toBeGreaterThan(5 * mebibyte);
});

test("a base that is no file is read through this thread, and comes to the same bytes", async () => {
  const { folder, base, bytes } = makeBase(5 * mebibyte + 99);
  await press(base, join(folder, "file.gz"), []);
  const source = new MemorySource(bytes);
  await pressImage({ base: source, format, settings, stored: [], output: join(folder, "memory.gz") });
  expect(readFileSync(join(folder, "memory.gz")).equals(readFileSync(join(folder, "file.gz")))).toBe(true);
});

test("what cannot be read of a base that is no file ends the press, and leaves nothing", async () => {
  const { folder } = makeBase(10);
  const failing: ByteSource = {
    length: 9 * mebibyte,
    read: async (offset, length) => {
      if (offset > 4 * mebibyte) throw new Fault("TEST_GONE", "the base is gone");
      return new Uint8Array(length).fill(1);
    },
  };
  const pressing = pressImage({ base: failing, format, settings, stored: [], output: join(folder, "x.gz") });
  await expect(pressing).rejects.toMatchObject({ code: "TEST_GONE", message: "the base is gone" });
  expect(readdirSync(folder)).toEqual(["base"]);
});

test("progress ends at the end", async () => {
  const { folder, base } = makeBase(3 * mebibyte);
  const seen: number[] = [];
  const onProgress = ({ rawDone }: { rawDone: number }): void => void seen.push(rawDone);
  await pressImage({ base, format, settings, stored: [], output: join(folder, "p.gz"), onProgress });
  expect(seen.at(-1)).toBe(3 * mebibyte);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test("a whole file is checked, and damage to any byte of it is found or harmless", async () => {
  const { folder, base, bytes } = makeBase(2 * mebibyte);
  const output = join(folder, "d.gz");
  await press(base, output, [{ offset: 0, length: 4096 }]);
  const good = readFileSync(output);
  expect((await check(output)).rawCrc32).toBe(crc32.of(bytes));
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ flip;
      writeFileSync(join(folder, "bad.gz"), bad);
      const checked = await check(join(folder, "bad.gz"), 1).then(
        ({ rawCrc32 }) =>
          rawCrc32 === crc32.of(bytes) ? "decodes to the same" : "decodes to something else",
        codeOf,
      );
      // Another code for the same bytes does no damage: in repeating text a match may come from further back.
      expect(checked).toEqual(expect.stringMatching(/^MAP_|^decodes to the same$/));
    }),
    { numRuns: 12 },
  );
});

test("a base that changes meanwhile, or a stop, leaves nothing behind", async () => {
  const { folder, base } = makeBase(4 * mebibyte);
  const output = join(folder, "c.gz");
  const changing = pressImage({
    base,
    format,
    settings,
    stored: [],
    output,
    onProgress: () => appendFileSync(join(folder, "base"), "x"),
  });
  await expect(changing).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  const stop = new AbortController();
  const again = FileSource.open(join(folder, "base"));
  const onProgress = (): void => stop.abort();
  const stopped = pressImage({
    base: again,
    format,
    settings,
    stored: [],
    output,
    onProgress,
    signal: stop.signal,
  });
  await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
  expect(existsSync(output)).toBe(false);
  expect(readdirSync(folder)).toEqual(["base"]);
});

test("an empty image is one too", async () => {
  const { folder, base } = makeBase(0);
  const { map } = await press(base, join(folder, "0.gz"), []);
  expect(map.segments).toEqual([]);
  expect((await check(join(folder, "0.gz"))).rawCrc32).toBe(0);
});

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : error;
}

test("writes that the system cuts short are taken up again", async () => {
  const { folder, base } = makeBase(3 * mebibyte);
  const stored = [{ offset: 4096, length: 8192 }];
  await press(base, join(folder, "whole.gz"), stored);
  await withShortWrites(1000, async () => await press(base, join(folder, "short.gz"), stored));
  expect(readFileSync(join(folder, "short.gz")).equals(readFileSync(join(folder, "whole.gz")))).toBe(true);
});
