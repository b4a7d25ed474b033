import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { MemorySource, Overlay } from "@bootstamp/byte-source";
import { mixedBytes, pressInMemory, textBytes, withWrites, zeroSource } from "@bootstamp/format-contract";
import { gzip } from "@bootstamp/gzip";
import {
  assertDecodesTo,
  type Decoder,
  decodersFor,
  digestDecoded,
  requires,
  run,
} from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// Zeros, text, noise; stored in the middle and at the end; no multiple of a sector.
const image = new Uint8Array(3_400_003);
image.set(mixedBytes(2_000_000), 1_300_000);
const stored = [
  { offset: 1_400_832, length: 409_600 },
  { offset: 3_395_584, length: image.length - 3_395_584 },
];
const patched = image.slice();
const runs = [
  { offset: 1_433_000, length: 70_000 },
  { offset: image.length - 3, length: 3 },
];

let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gzip-"));
  for (const { offset, length } of runs) patched.set(textBytes(length, offset), offset);
  const packed = await pressInMemory(gzip, new MemorySource(image), stored, {});
  const source = new MemorySource(packed);
  const patch = runs.map(({ offset, length }) => ({
    offset,
    bytes: patched.slice(offset, offset + length),
    replacedCrc32: crc32(image.subarray(offset, offset + length)),
  }));
  const { writes } = await gzip.seal(await gzip.readMap(source), patch, source);
  await writeFile(at("base.raw"), image);
  await writeFile(at("base.raw.gz"), packed);
  await writeFile(at("stamped.raw"), patched);
  await writeFile(at("stamped.raw.gz"), withWrites(packed, writes));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(["base.raw", "stamped.raw"])("%s.gz", (name) => {
  for (const decoder of decodersFor("gz")) {
    test(`is read by ${decoder.name}`, requires(...decoder.tools), async () => {
      await expect(assertDecodesTo(decoder, at(`${name}.gz`), at(name))).resolves.toBeUndefined();
    });
  }

  const tests = [
    ["gzip", "-t"],
    ["pigz", "-t"],
    ["7z", "t"],
    ["busybox", "gzip", "-t"],
    ["zstd", "-t"],
  ];
  for (const [tool = "", ...args] of tests) {
    test(`passes ${tool} ${args.join(" ")}`, requires(tool), async () => {
      await expect(run(tool, [...args, at(`${name}.gz`)])).resolves.not.toMatch(
        /warning|error|corrupt|trailing/i,
      );
    });
  }

  test("has the size that gzip lists", requires("gzip"), async () => {
    await expect(run("gzip", ["-l", at(`${name}.gz`)])).resolves.toContain(String(image.length));
  });
});

// The one that is fastest at zeros; it checks CRC-32 and the size modulo 2^32.
const igzip = decodersFor("gz").find(({ name }) => name === "igzip");

test("an image above 4 GiB is read to its end", requires("igzip", ...(igzip?.tools ?? [])), async () => {
  const length = 2 ** 32 + 3 * 2 ** 20 + 512;
  const large = new Overlay(zeroSource(length));
  large.writeSync(length - 5000, textBytes(5000));
  const packed = await pressInMemory(gzip, large, [{ offset: 2 ** 32 - 4096, length: 8192 }], {});
  await writeFile(at("large.gz"), packed);
  await expect(digestDecoded(igzip as Decoder, at("large.gz"))).resolves.toMatchObject({ length });
});
