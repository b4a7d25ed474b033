import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { MemorySource, Overlay } from "@bootstamp/byte-source";
import { mixedBytes, pressInMemory, textBytes, withWrites, zeroSource } from "@bootstamp/format-contract";
import type { Extent } from "@bootstamp/segment-map";
import {
  assertDecodesTo,
  decodersFor,
  digestDecoded,
  referenceDecoders,
  requires,
  run,
} from "@bootstamp/witnesses";
import { zstd } from "@bootstamp/zstd";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// Zeros, text, noise; stored in the middle and at the end; no multiple of a sector.
const image = new Uint8Array(9_400_003);
image.set(mixedBytes(2_000_000), 5_300_000);
const stored = [
  { offset: 5_402_624, length: 409_600 },
  { offset: 9_396_224, length: image.length - 9_396_224 },
];
const patched = image.slice();
const runs = [
  { offset: 5_433_000, length: 270_000 },
  { offset: image.length - 3, length: 3 },
];

/** Lengths at which the frames that we make ourselves change their shape. */
const lengths = [0, 1, 15, 16, 17, 255, 256, 131_072, 131_073, 131_072 + 16, 131_072 + 17, 300_000];

let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zstd-"));
  for (const { offset, length } of runs) patched.set(textBytes(length, offset), offset);
  const packed = await pressInMemory(zstd, new MemorySource(image), stored, {});
  const source = new MemorySource(packed);
  const patch = runs.map(({ offset, length }) => ({
    offset,
    bytes: patched.slice(offset, offset + length),
    replacedCrc32: crc32(image.subarray(offset, offset + length)),
  }));
  const { writes } = await zstd.seal(await zstd.readMap(source), patch, source);
  await writeFile(at("base"), image);
  await writeFile(at("base.zst"), packed);
  await writeFile(at("stamped"), patched);
  await writeFile(at("stamped.zst"), withWrites(packed, writes));
  for (const length of lengths) {
    await writeSmall(`zeros-${length}`, new Uint8Array(length), []);
    await writeSmall(`stored-${length}`, textBytes(length), [{ offset: 0, length }]);
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function writeSmall(name: string, bytes: Uint8Array, whole: readonly Extent[]): Promise<void> {
  const asked = whole.filter(({ length }) => length > 0);
  await writeFile(at(name), bytes);
  await writeFile(at(`${name}.zst`), await pressInMemory(zstd, new MemorySource(bytes), asked, {}));
}

describe.each(["base", "stamped"])("%s.zst", (name) => {
  for (const decoder of decodersFor("zst")) {
    test(`is read by ${decoder.name}`, requires(...decoder.tools), async () => {
      await expect(assertDecodesTo(decoder, at(`${name}.zst`), at(name))).resolves.toBeUndefined();
    });
  }

  const tests = [
    ["zstd", "-t"],
    ["pzstd", "-t"],
    ["7z", "t"],
  ];
  for (const [tool = "", ...args] of tests) {
    test(`passes ${tool} ${args.join(" ")}`, requires(tool), async () => {
      await expect(run(tool, [...args, at(`${name}.zst`)])).resolves.not.toMatch(
        /warning|error|corrupt|trailing/i,
      );
    });
  }

  test("is what zstd lists", requires("zstd"), async () => {
    const { segments } = await zstd.readMap(
      new MemorySource(await pressInMemory(zstd, new MemorySource(image), stored, {})),
    );
    const listed = await run("zstd", ["--list", "-v", at(`${name}.zst`)]);
    expect(listed).toContain(`Zstandard Frames: ${segments.length}\n`);
    expect(listed).toContain("Skippable Frames: 2\n");
    expect(listed).toContain(`(${image.length} B)`);
    expect(listed).toContain("Check: XXH64");
  });
});

describe.each(lengths)("a frame of %d bytes", (length) => {
  for (const decoder of decodersFor("zst")) {
    const guard = requires(...decoder.tools);
    test(`is read by ${decoder.name}, as zeros and as stored`, guard, async () => {
      for (const name of [`zeros-${length}`, `stored-${length}`]) {
        await expect(assertDecodesTo(decoder, at(`${name}.zst`), at(name))).resolves.toBeUndefined();
      }
    });
  }
});

test("an image above 4 GiB is read to its end", requires("zstd"), async () => {
  const length = 2 ** 32 + 3 * 2 ** 20 + 512;
  const large = new Overlay(zeroSource(length));
  large.writeSync(length - 5000, textBytes(5000));
  const packed = await pressInMemory(zstd, large, [{ offset: 2 ** 32 - 4096, length: 8192 }], {});
  await writeFile(at("large.zst"), packed);
  const digested = digestDecoded(referenceDecoders.zst, at("large.zst"));
  await expect(digested).resolves.toMatchObject({ length });
});
