import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemorySource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { chunksOf, copyImage, copyOnto, drainImage } from "@bootstamp/press";
import { expect, test } from "vitest";

const mebibyte = 1 << 20;

function sample(): Buffer {
  const raw = Buffer.alloc(5 * mebibyte + 12_345);
  raw.fill("some text of an image\n", mebibyte + 10, mebibyte + 9000);
  return raw;
}

const folder = (): string => mkdtempSync(join(tmpdir(), "bootstamp-copy-"));

test("an image is copied sparse, also where it ends in zeros", async () => {
  const raw = sample();
  const output = join(folder(), "out");
  const seen: number[] = [];
  const onProgress = (done: number): void => void seen.push(done);
  const copied = await copyImage({ chunks: chunksOf(new MemorySource(raw)), output, onProgress });
  expect(copied).toEqual({ rawLength: raw.length, rawCrc32: crc32.of(raw) });
  expect(readFileSync(output).equals(raw)).toBe(true);
  expect(statSync(output).blocks * 512).toBeLessThanOrEqual(4 * 4096);
  expect(seen.at(-1)).toBe(raw.length);
  expect(await drainImage({ chunks: chunksOf(new MemorySource(raw)) })).toEqual(copied);
});

test("what is there already is overwritten, zeros too", async () => {
  const raw = sample();
  const output = join(folder(), "device");
  writeFileSync(output, Buffer.alloc(raw.length + 10, 0xff));
  await copyOnto({ chunks: chunksOf(new MemorySource(raw)), output });
  expect(readFileSync(output).equals(Buffer.concat([raw, Buffer.alloc(10, 0xff)]))).toBe(true);
});

test("a part of a source is given alone", async () => {
  const raw = sample();
  const parts: Uint8Array[] = [];
  for await (const part of chunksOf(new MemorySource(raw), { offset: 1_049_000, length: 2_500_001 }))
    parts.push(part);
  expect(parts.map(({ length }) => length)).toEqual([mebibyte, mebibyte, 2_500_001 - 2 * mebibyte]);
  expect(Buffer.concat(parts).equals(raw.subarray(1_049_000, 1_049_000 + 2_500_001))).toBe(true);
  for await (const part of chunksOf(new MemorySource(raw), { offset: 7, length: 0 })) expect(part).toBeNull();
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10).fill(1);
  throw new Error("gone");
}

test("what fails, or is aborted, on its way leaves nothing", async () => {
  const place = folder();
  await expect(copyImage({ chunks: failing(), output: join(place, "x") })).rejects.toThrow("gone");
  const stop = new AbortController();
  const chunks = chunksOf(new MemorySource(sample()));
  const onProgress = (): void => stop.abort();
  await expect(
    copyImage({ chunks, output: join(place, "x"), onProgress, signal: stop.signal }),
  ).rejects.toMatchObject({ name: "AbortError" });
  expect(existsSync(join(place, "x"))).toBe(false);
  expect(readdirSync(place)).toEqual([]);
});
