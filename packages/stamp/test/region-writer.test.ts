// Writing into what a file stores, held against what is pressed from the written image in the first place.
import { linkSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { MemorySource } from "@bootstamp/byte-source";
import { Fault } from "@bootstamp/fault";
import { pressInMemory, unpackInMemory } from "@bootstamp/format-contract";
import { format as gzip } from "@bootstamp/gzip";
import { extentEnd, type StreamFormat } from "@bootstamp/segment-map";
import {
  assertSettled,
  type InPlaceFile,
  localFiles,
  openRegionWriter,
  recoverInPlace,
  stampInPlace,
} from "@bootstamp/stamp";
import { format as xz } from "@bootstamp/xz";
import { format as zstd } from "@bootstamp/zstd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noise, temporaryDirectory } from "./patched-bytes.ts";

const formats = [gzip, xz, zstd];
const base = noise(700_000, 3);
const stored = [
  { offset: 4096, length: 4096 },
  { offset: 20_480, length: 602_112 },
];
const region = { offset: 20_480, length: 600_064 };

async function packed(format: StreamFormat, raw = base): Promise<Uint8Array> {
  return await pressInMemory(format, new MemorySource(raw), stored, {});
}

async function fileOf(format: StreamFormat): Promise<string> {
  const path = join(temporaryDirectory(), "base");
  writeFileSync(path, await packed(format));
  return path;
}

function namesBeside(path: string): string[] {
  return readdirSync(dirname(path)).toSorted();
}

const write = fc.record({
  at: fc.nat(region.length - 1),
  count: fc.integer({ min: 1, max: 150_000 }),
  seed: fc.nat(),
});

describe.each(formats.map((format) => ({ name: format.name, format })))("$name", ({ format }) => {
  test("reads after every flush as an image that was pressed with what was written", async () => {
    const path = await fileOf(format);
    const writer = await openRegionWriter({ path, format, extents: [region] });
    const raw = new Uint8Array(base);
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 4 }), async (writes) => {
        for (const { at, count, seed } of writes) {
          const offset = region.offset + at;
          const bytes = noise(Math.min(count, extentEnd(region) - offset), seed);
          raw.set(bytes, offset);
          await writer.write(offset, bytes);
        }
        await writer.flush();
        const read = await unpackInMemory(format, new Uint8Array(readFileSync(path)));
        expect(Buffer.compare(read.raw, raw)).toBe(0);
      }),
      { numRuns: 12 },
    );
    expect(namesBeside(path)).toContain(".base.bootstamp-unsealed");
    await writer.close();
    expect(namesBeside(path)).toEqual(["base"]);
    const { raw: read, map } = await unpackInMemory(format, new Uint8Array(readFileSync(path)));
    expect(Buffer.compare(read, raw)).toBe(0);
    expect(map.segments).toEqual((await format.readMap(new MemorySource(await packed(format)))).segments);
  });

  test("writes side by side, and flushes among them, come to one whole", async () => {
    const path = await fileOf(format);
    const writer = await openRegionWriter({ path, format, extents: [region] });
    const raw = new Uint8Array(base);
    const work = Array.from({ length: 60 }, async (_, index) => {
      const bytes = noise(9000, index + 1);
      const offset = region.offset + index * 10_000;
      raw.set(bytes, offset);
      await writer.write(offset, bytes);
      if (index % 7 === 0) await writer.flush();
    });
    await Promise.all(work);
    await writer.close();
    const { raw: read } = await unpackInMemory(format, new Uint8Array(readFileSync(path)));
    expect(Buffer.compare(read, raw)).toBe(0);
  });

  test("damage in what may be written to is not sealed as if it were meant", async () => {
    const path = await fileOf(format);
    const bytes = await packed(format);
    const map = await format.readMap(new MemorySource(bytes));
    const segment = map.segments.findLast(({ kind }) => kind === "stored");
    const at = (segment?.packedOffset ?? 0) + 3000;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    // Of a .gz only the whole has a checksum: its trailer stays as wrong as it was.
    const code = map.storedUnchecked === true ? "MAP_CHECKSUM" : "MAP_SEGMENT_DAMAGED";
    const written = async (): Promise<unknown> => {
      const writer = await openRegionWriter({ path, format, extents: [region] });
      await writer.write(region.offset, noise(10));
      await writer.close();
      return await unpackInMemory(format, new Uint8Array(readFileSync(path)));
    };
    await expect(written()).rejects.toMatchObject({ code });
  });
});

test("nothing is written, and no mark left, where nothing is to be written", async () => {
  const path = await fileOf(gzip);
  const before = readFileSync(path);
  const writer = await openRegionWriter({ path, format: gzip, extents: [region] });
  await writer.flush();
  expect(() => assertSettled(path)).not.toThrow();
  await writer.close();
  await writer.close();
  expect(namesBeside(path)).toEqual(["base"]);
  expect(readFileSync(path).equals(before)).toBe(true);
});

describe("what is refused", () => {
  test.each([
    { offset: 0, length: 4096 },
    { offset: 4096, length: 8192 },
    { offset: extentEnd(region), length: 8192 },
  ])("a region that is not stored as a whole: %o", async (extent) => {
    const path = await fileOf(gzip);
    const opened = openRegionWriter({ path, format: gzip, extents: [region, extent] });
    await expect(opened).rejects.toMatchObject({ code: "STAMP_REGION_NOT_STORED" });
    expect(namesBeside(path)).toEqual(["base"]);
  });

  test("a second writer, a stamp in place, a reader, while one writes", async () => {
    const path = await fileOf(gzip);
    const writer = await openRegionWriter({ path, format: gzip, extents: [region] });
    await writer.write(region.offset, noise(100));
    const busy = { code: "STAMP_IN_PLACE_BUSY", fields: { processId: process.pid } };
    await expect(openRegionWriter({ path, format: gzip, extents: [region] })).rejects.toMatchObject(busy);
    await expect(stampInPlace({ path, format: gzip, patch: [] })).rejects.toMatchObject(busy);
    await expect(recoverInPlace(path, formats)).rejects.toMatchObject(busy);
    expect(() => assertSettled(path)).toThrow(expect.objectContaining({ code: busy.code }));
    await writer.close();
    expect(() => assertSettled(path)).not.toThrow();
  });

  test("a file of several names", async () => {
    const path = await fileOf(gzip);
    linkSync(path, `${path}-2`);
    const opened = openRegionWriter({ path, format: gzip, extents: [region] });
    await expect(opened).rejects.toMatchObject({ code: "STAMP_IN_PLACE_LINKED" });
  });

  test("writes outside of the region", async () => {
    const path = await fileOf(gzip);
    const writer = await openRegionWriter({ path, format: gzip, extents: [region] });
    expect(writer.covers(region.offset, region.length)).toBe(true);
    expect(writer.covers(region.offset - 1, 2)).toBe(false);
    await expect(writer.write(region.offset - 1, noise(2))).rejects.toThrow(RangeError);
    await writer.close();
  });
});

/** A file that was left in the midst of being written to, as a kill leaves it. */
async function cutOff(): Promise<{ readonly path: string; readonly mark: string }> {
  const path = await fileOf(zstd);
  const opened: (InPlaceFile | undefined)[] = [];
  const open = async (name: string): Promise<InPlaceFile | undefined> => {
    opened.push(await localFiles.open(name));
    return opened.at(-1);
  };
  const files = {
    ...localFiles,
    open,
    lock: async () => ({ assertHeld: () => undefined, unlock: () => undefined }),
  };
  const writer = await openRegionWriter({ path, format: zstd, extents: [region], files });
  await writer.write(region.offset + 5, noise(100_000, 8));
  await opened.at(-1)?.close();
  return { path, mark: join(dirname(path), ".base.bootstamp-unsealed") };
}

describe("a file in which writing was cut off", () => {
  test("is refused until it is brought in order, and has what was written then", async () => {
    const { path } = await cutOff();
    const refused = { code: "STAMP_IN_PLACE_CUT_OFF" };
    expect(() => assertSettled(path)).toThrow(expect.objectContaining(refused));
    const opened = openRegionWriter({ path, format: zstd, extents: [region] });
    await expect(opened).rejects.toMatchObject(refused);
    await expect(stampInPlace({ path, format: zstd, patch: [] })).rejects.toMatchObject(refused);
    expect(await recoverInPlace(path, formats)).toBe("resealed");
    expect(namesBeside(path)).toEqual(["base"]);
    const { raw } = await unpackInMemory(zstd, new Uint8Array(readFileSync(path)));
    const expected = new Uint8Array(base);
    expected.set(noise(100_000, 8), region.offset + 5);
    expect(Buffer.compare(raw, expected)).toBe(0);
  });

  test("and another artifact of the same base in its place is right afterwards as before", async () => {
    const { path } = await cutOff();
    const other = new Uint8Array(base);
    other.set(noise(2000, 77), 4096);
    const file = await packed(zstd);
    const map = await zstd.readMap(new MemorySource(file));
    const replacedCrc32 = crc32(base.subarray(4096, 6096));
    const patch = [{ offset: 4096, bytes: noise(2000, 77), replacedCrc32 }];
    const { writes } = await zstd.seal(map, patch, new MemorySource(file));
    for (const { offset, bytes } of writes) file.set(bytes, offset);
    writeFileSync(path, file);
    expect(await recoverInPlace(path, formats)).toBe("resealed");
    expect(Buffer.compare(readFileSync(path), file)).toBe(0);
  });

  test.each([
    ["another length", (file: Uint8Array) => Buffer.concat([file, Buffer.of(0)])],
    ["other segments", (file: Uint8Array) => noise(file.length)],
  ])("is not mistaken for one of %s", async (_, replace) => {
    const { path } = await cutOff();
    const other = replace(await packed(zstd));
    writeFileSync(path, other);
    await expect(recoverInPlace(path, formats)).rejects.toMatchObject({ code: "STAMP_MARK_OTHER_FILE" });
    expect(Buffer.compare(readFileSync(path), other)).toBe(0);
  });

  test("is left alone where the mark is none, of a later version, or of a format unknown here", async () => {
    const { path, mark } = await cutOff();
    const file = readFileSync(path);
    const good = readFileSync(mark);
    await expect(recoverInPlace(path, [gzip])).rejects.toMatchObject({ code: "STAMP_MARK_FOREIGN" });
    const later = Buffer.from(good);
    later.writeUInt16LE(2, 8);
    later.writeUInt32LE(crc32(later.subarray(0, -4)), later.length - 4);
    for (const [bytes, code] of [
      [later, "STAMP_MARK_VERSION"],
      [Buffer.from("a diary"), "STAMP_MARK_FOREIGN"],
      [Buffer.alloc(70_000, 1), "STAMP_MARK_FOREIGN"],
    ] as const) {
      writeFileSync(mark, bytes);
      await expect(recoverInPlace(path, formats)).rejects.toMatchObject({ code });
    }
    expect(readFileSync(path).equals(file)).toBe(true);
  });

  test("marks made up by one who knows the sum change nothing but checksums, or are refused by name", async () => {
    const { path, mark } = await cutOff();
    const good = readFileSync(mark);
    const file = readFileSync(path);
    const change = fc.tuple(fc.nat(good.length - 5), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(20), async (changes, cut) => {
        const bytes = Buffer.from(good.subarray(0, good.length - (cut < 8 ? cut : 0)));
        for (const [at, value] of changes) if (at < bytes.length - 4) bytes[at] = value;
        bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
        writeFileSync(mark, bytes);
        const outcome = await recoverInPlace(path, formats).catch((error: unknown) =>
          error instanceof Fault ? error.code : error,
        );
        expect(outcome).toMatch(/^(resealed|discarded|STAMP_.*|MAP_.*)$/);
        expect(readFileSync(path).length).toBe(file.length);
        writeFileSync(path, file);
      }),
      { numRuns: 60 },
    );
  });
});
