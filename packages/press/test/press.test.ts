import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import { crc32, crc64nvme } from "@bootstamp/crc";
import { format } from "@bootstamp/gzip";
import { checkImage, pressImage, unpackedSource } from "@bootstamp/press";
import { storedExtents, type Extent } from "@bootstamp/segment-map";
import { requires } from "@bootstamp/witnesses";
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

test("progress ends at the end", async () => {
  const { folder, base } = makeBase(3 * mebibyte);
  const seen: number[] = [];
  const onProgress = ({ rawDone }: { rawDone: number }): void => void seen.push(rawDone);
  await pressImage({ base, format, settings, stored: [], output: join(folder, "p.gz"), onProgress });
  expect(seen.at(-1)).toBe(3 * mebibyte);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test("the raw image can be read at random inside the stampable one", async () => {
  const length = 6 * mebibyte + 77;
  const { folder, base, bytes } = makeBase(length);
  const stored = [{ offset: 2 * mebibyte - 4096, length: 12_288 }];
  const { map } = await press(base, join(folder, "r.gz"), stored);
  const raw = unpackedSource(format, map, FileSource.open(join(folder, "r.gz")));
  expect(raw.length).toBe(length);
  await fc.assert(
    fc.asyncProperty(fc.nat(length), fc.nat(3 * mebibyte), async (offset, wanted) => {
      const count = Math.min(wanted, length - offset);
      const read = await raw.read(offset, count);
      expect(bytes.subarray(offset, offset + count).equals(read)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("a whole file is checked, and damage to any byte of it is found or harmless", async () => {
  const { folder, base, bytes } = makeBase(2 * mebibyte);
  const output = join(folder, "d.gz");
  await press(base, output, [{ offset: 0, length: 4096 }]);
  const good = readFileSync(output);
  expect((await checkImage({ path: output, format })).rawCrc32).toBe(crc32.of(bytes));
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ flip;
      writeFileSync(join(folder, "bad.gz"), bad);
      const checked = await checkImage({ path: join(folder, "bad.gz"), format, threads: 1 }).then(
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
  expect((await checkImage({ path: join(folder, "0.gz"), format })).rawCrc32).toBe(0);
});

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : error;
}
