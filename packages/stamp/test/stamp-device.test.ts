// A base that is stamped where it is, without a journal: the stamp is the journal. A file stands for the device.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { stampDevice } from "@bootstamp/stamp";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "bootstamp-device-"));
const path = join(folder, "device");

afterAll(() => rmSync(folder, { recursive: true }));

const rawLength = 3_000_000;
const image = Buffer.alloc(rawLength, "base image ");
/** What is on the device behind the image. */
const rest = Buffer.alloc(5000, 0xee);
const base = { rawLength, rawCrc32: crc32.of(image) };
const patch: Patch = [run(0, 3), run(511, 700), run(1_048_575, 2), run(rawLength - 600, 600)];
const variant = Buffer.from(image);
for (const { offset, bytes } of patch) variant.set(bytes, offset);

function run(offset: number, length: number): Patch[number] {
  const replacedCrc32 = crc32.of(image.subarray(offset, offset + length));
  return { offset, bytes: Buffer.alloc(length, 0x5a), replacedCrc32 };
}

function onDevice(): Buffer {
  return readFileSync(path);
}

test("the image becomes the variant, and what follows it stays", async () => {
  writeFileSync(path, Buffer.concat([image, rest]));
  expect(await stampDevice({ path, base, patch })).toBe(3 + 700 + 2 + 600);
  expect(onDevice().equals(Buffer.concat([variant, rest]))).toBe(true);
  expect(await stampDevice({ path, base, patch })).toBe(0);
  expect(onDevice().equals(Buffer.concat([variant, rest]))).toBe(true);
});

test("wherever it was cut off, sector by sector, the next run completes it", async () => {
  const sectors = patch.flatMap(({ offset, bytes }) => {
    const first = Math.floor(offset / 512);
    return Array.from(
      { length: Math.ceil((offset + bytes.length) / 512) - first },
      (_, index) => first + index,
    );
  });
  const orders = [sectors, sectors.toReversed(), sectors.filter((_, index) => index % 2 === 1)];
  for (const order of orders) {
    for (let written = 0; written <= order.length; written++) {
      const torn = Buffer.from(image);
      for (const sector of order.slice(0, written)) {
        variant.copy(torn, sector * 512, sector * 512, Math.min(rawLength, sector * 512 + 512));
      }
      writeFileSync(path, torn);
      await stampDevice({ path, base, patch });
      expect(onDevice().equals(variant)).toBe(true);
    }
  }
});

test.each([
  ["another byte outside of the stamp", 2_000_000],
  ["another byte beside a run", 510],
])("with %s it is refused, and nothing is written", async (_, offset) => {
  const other = Buffer.from(image);
  other[offset] = (other[offset] ?? 0) ^ 1;
  writeFileSync(path, other);
  await expect(stampDevice({ path, base, patch })).rejects.toMatchObject({ code: "STAMP_OTHER_BASE" });
  expect(onDevice().equals(other)).toBe(true);
});

test("one that is too short is refused, and nothing is written", async () => {
  writeFileSync(path, image.subarray(0, -1));
  await expect(stampDevice({ path, base, patch })).rejects.toMatchObject({ code: "SOURCE_TRUNCATED" });
  expect(onDevice().equals(image.subarray(0, -1))).toBe(true);
});

test("an interruption while it is read leaves it as it was", async () => {
  writeFileSync(path, image);
  const controller = new AbortController();
  const onProgress = (): void => controller.abort(new Error("stop"));
  const { signal } = controller;
  await expect(stampDevice({ path, base, patch, onProgress, signal })).rejects.toThrow("stop");
  expect(onDevice().equals(image)).toBe(true);
});
