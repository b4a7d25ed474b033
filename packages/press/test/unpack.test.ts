import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomFillSync } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { FileSource, MemorySource } from "@bootstamp/byte-source";
import { format } from "@bootstamp/gzip";
import {
  checkImage,
  type DecodeRequest,
  pressImage,
  unpackImage,
  unpackOnto,
  unpackStream,
} from "@bootstamp/press";
import type { StreamFormat } from "@bootstamp/segment-map";
import { format as xz } from "@bootstamp/xz";
import { canMount, requires, run, withTmpfs } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";

const mebibyte = 1 << 20;
const length = 9 * mebibyte + 777;

interface Sample {
  readonly folder: string;
  readonly raw: Buffer;
  readonly packed: string;
}

/** Text, zeros that do not begin and end at blocks, and a stored extent. */
async function makeSample(): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-unpack-"));
  const raw = Buffer.alloc(length);
  raw.fill("some text of an image\n", 0, mebibyte + 10);
  raw.fill("more text\n", 5 * mebibyte - 3, 5 * mebibyte + 4096 + 3);
  raw[length - 1] = 1;
  writeFileSync(join(folder, "raw"), raw);
  const packed = join(folder, "packed.gz");
  await pressImage({
    base: FileSource.open(join(folder, "raw")),
    format,
    settings: format.settle({ engine: "zlib", level: 1 }),
    stored: [{ offset: 5 * mebibyte, length: 8192 }],
    output: packed,
  });
  return { folder, raw, packed };
}

/** The descriptor is closed with the test's process. */
async function opened(path: string, of: StreamFormat = format): Promise<DecodeRequest> {
  const packed = FileSource.open(path);
  return { packed, format: of, map: await of.readMap(packed) };
}

test("a file is unpacked sparse, and cmp finds it the same", requires("cmp"), async () => {
  const { folder, raw, packed } = await makeSample();
  const output = join(folder, "out");
  const seen: number[] = [];
  await unpackImage({
    ...(await opened(packed)),
    output,
    onProgress: ({ rawDone }) => void seen.push(rawDone),
  });
  await run("cmp", [output, join(folder, "raw")]);
  expect(seen.at(-1)).toBe(raw.length);
  // 1 MiB of text, two blocks around 5 MiB and the last one, of 4 KiB each, hold something.
  expect(statSync(output).blocks * 512).toBeLessThan(mebibyte + 16 * 4096);
});

test("what lies on a device is overwritten, zeros too", async () => {
  const { folder, raw, packed } = await makeSample();
  const output = join(folder, "device");
  const behind = Buffer.alloc(4096, 0xee);
  writeFileSync(output, Buffer.concat([Buffer.alloc(raw.length, 0xff), behind]));
  await unpackOnto({ ...(await opened(packed)), output });
  expect(readFileSync(output).equals(Buffer.concat([raw, behind]))).toBe(true);
});

test("a stream has the bytes in order", async () => {
  const { raw, packed } = await makeSample();
  const parts: Uint8Array[] = [];
  for await (const part of unpackStream(await opened(packed))) parts.push(part);
  expect(Buffer.concat(parts).equals(raw)).toBe(true);
});

test("a source that is no file is unpacked through this thread", async () => {
  const { folder, raw, packed } = await makeSample();
  const source = new MemorySource(readFileSync(packed));
  const request = { packed: source, format, map: await format.readMap(source) };
  const output = join(folder, "out");
  await unpackImage({ ...request, output });
  expect(readFileSync(output).equals(raw)).toBe(true);
  const parts: Uint8Array[] = [];
  for await (const part of unpackStream(request)) parts.push(part);
  expect(Buffer.concat(parts).equals(raw)).toBe(true);
});

test("a stream that nobody reads to its end lets go of its threads", async () => {
  const { packed } = await makeSample();
  for await (const part of unpackStream(await opened(packed))) {
    expect(part.length).toBeGreaterThan(0);
    break;
  }
});

test("one segment of more than is held is streamed", requires("xz"), async () => {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-unpack-"));
  const path = join(folder, "one-block");
  writeFileSync(path, "");
  truncateSync(path, 40 * mebibyte);
  await run("xz", ["-0", "-T1", path]);
  let total = 0;
  for await (const part of unpackStream(await opened(`${path}.xz`, xz))) {
    expect(part.length).toBeLessThanOrEqual(8 * mebibyte);
    total += part.length;
  }
  expect(total).toBe(40 * mebibyte);
});

test.each([0.3, 0.9])(
  "damage at %d of the file leaves nothing behind, and ends a stream by an error",
  async (at) => {
    const { folder, packed } = await makeSample();
    const bytes = readFileSync(packed);
    const index = Math.floor(bytes.length * at);
    // One bit might be harmless: zeros have more than one code.
    bytes.fill(0xa5, index, index + 16);
    writeFileSync(packed, bytes);
    const output = join(folder, "out");
    const fault = expect.objectContaining({ code: expect.stringMatching(/^MAP_/) });
    await expect(unpackImage({ ...(await opened(packed)), output })).rejects.toEqual(fault);
    expect(existsSync(output)).toBe(false);
    expect(readdirSync(folder).toSorted()).toEqual(["packed.gz", "raw"]);
    const drain = async (): Promise<void> => {
      for await (const part of unpackStream(await opened(packed))) expect(part.length).toBeGreaterThan(0);
    };
    await expect(drain()).rejects.toEqual(fault);
  },
);

test("a disk that is too small is said so, though it is a thread that finds out", canMount(), async () => {
  const { packed } = await makeSample();
  await withTmpfs("512k", async (directory) => {
    const path = join(directory, "out");
    const full = expect.objectContaining({ code: "FILE_DISK_FULL", fields: { path, errno: "ENOSPC" } });
    await expect(unpackImage({ ...(await opened(packed)), output: path })).rejects.toEqual(full);
    expect(readdirSync(directory)).toEqual([]);
    writeFileSync(path, "");
    await expect(unpackOnto({ ...(await opened(packed)), output: path })).rejects.toEqual(full);
  });
});

/** One block that comes in several parts, read through this thread, and stopped in the midst of it. */
async function stoppedBlock(): Promise<{
  readonly request: DecodeRequest;
  readonly reads: readonly number[];
}> {
  const path = join(mkdtempSync(join(tmpdir(), "bootstamp-unpack-")), "one-block");
  writeFileSync(path, randomFillSync(Buffer.alloc(16 * mebibyte)));
  await run("xz", ["-0", "-T1", path]);
  const file = new MemorySource(readFileSync(`${path}.xz`));
  const map = await xz.readMap(file);
  const stop = new AbortController();
  const reads: number[] = [];
  const read = async (offset: number, count: number): Promise<Uint8Array> => {
    reads.push(offset);
    if (offset > 4 * mebibyte) stop.abort();
    return await file.read(offset, count);
  };
  const packed = { length: file.length, read };
  expect(map.segments).toHaveLength(1);
  return { request: { packed, format: xz, map, signal: stop.signal }, reads };
}

describe("an abort within a segment", () => {
  const work: Readonly<Record<string, (request: DecodeRequest) => Promise<unknown>>> = {
    "a check": checkImage,
    "an unpacking": async (request) =>
      await unpackImage({
        ...request,
        output: join(mkdtempSync(join(tmpdir(), "bootstamp-unpack-")), "out"),
      }),
    "a stream": async (request) => await buffer(unpackStream(request)),
  };

  test.each(Object.keys(work))("ends %s, with the rest unread", requires("xz"), async (name) => {
    const { request, reads } = await stoppedBlock();
    await expect(work[name]?.(request)).rejects.toMatchObject({ name: "AbortError" });
    // A part, of 2 MiB, may have been begun, and be read ahead.
    expect(Math.max(...reads)).toBeGreaterThan(4 * mebibyte);
    expect(Math.max(...reads)).toBeLessThan(10 * mebibyte);
  });
});

test("an abort ends it", async () => {
  const { folder, packed } = await makeSample();
  const stop = new AbortController();
  const onProgress = (): void => stop.abort();
  const output = join(folder, "out");
  await expect(
    unpackImage({ ...(await opened(packed)), output, onProgress, signal: stop.signal }),
  ).rejects.toMatchObject({
    name: "AbortError",
  });
  expect(existsSync(output)).toBe(false);
});
