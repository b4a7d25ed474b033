import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { MemorySource, type Patch } from "@bootstamp/byte-source";
import {
  mixedBytes,
  pressInMemory,
  randomBytes,
  textBytes,
  unpackInMemory,
  withWrites,
} from "@bootstamp/format-contract";
import { requires, run } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { faultOf } from "./fixtures/fault-code.ts";
import { block, file, lzma2, storedBlock, storedData } from "./fixtures/xz-file.ts";

const mebibyte = 2 ** 20;
const image = new Uint8Array(
  Buffer.concat([mixedBytes(900_000), new Uint8Array(3 * mebibyte), textBytes(600_000)]),
);
const stored = [
  { offset: 4096, length: mebibyte + 8192 },
  { offset: 4_501_504, length: 8192 },
];

function patchOf(from: Uint8Array, to: Uint8Array, runs: readonly (readonly [number, number])[]): Patch {
  return runs.map(([offset, length]) => ({
    offset,
    bytes: to.slice(offset, offset + length),
    replacedCrc32: crc32(from.subarray(offset, offset + length)),
  }));
}

/** `image` with other bytes in `runs`. */
function changed(runs: readonly (readonly [number, number])[], seed = 5): Uint8Array {
  const copy = image.slice();
  for (const [offset, length] of runs) copy.set(randomBytes(length, seed + offset), offset);
  return copy;
}

async function stamp(packed: Uint8Array, patch: Patch): Promise<Uint8Array> {
  const source = new MemorySource(packed);
  return withWrites(packed, (await xz.seal(await xz.readMap(source), patch, source)).writes);
}

describe.each(["crc64", "crc32", "sha256"])("with the check %s", (check) => {
  let packed = new Uint8Array();
  beforeAll(async () => {
    packed = new Uint8Array(
      await pressInMemory(xz, new MemorySource(image), stored, { level: 0, check, segmentLength: mebibyte }),
    );
  });

  test("a file decodes, and shows the CRC-32 of its raw bytes where its checks come to it", async () => {
    const { map, raw } = await unpackInMemory(xz, packed);
    expect(Buffer.compare(raw, image)).toBe(0);
    expect(map.rawCrc32).toBe(check === "crc32" ? crc32(image) : undefined);
    expect(new Set(map.segments.map(({ kind }) => kind))).toEqual(new Set(["compressed", "stored", "zero"]));
  });

  test("xz finds the check right", requires("xz"), async () => {
    await expect(run("xz", ["-t"], { input: packed })).resolves.toBe("");
  });

  const runs = [
    [4096, 1],
    [70_000, 1],
    [4096 + 65_530, 12],
    [mebibyte + 4090, 20],
    [4_501_504, 8192],
  ] as const;

  test("a stamped file decodes, also in xz", requires("xz"), async () => {
    const ascending = runs.toSorted(([a], [b]) => a - b);
    const patched = changed(ascending);
    const stamped = await stamp(packed, patchOf(image, patched, ascending));
    const { map, raw } = await unpackInMemory(xz, stamped);
    expect(Buffer.compare(raw, patched)).toBe(0);
    expect(map.rawCrc32).toBe(check === "crc32" ? crc32(patched) : undefined);
    await expect(run("xz", ["-t"], { input: stamped })).resolves.toBe("");
  });

  test("stamping again and back gives the same file", async () => {
    const place = fc.tuple(fc.nat(mebibyte), fc.integer({ min: 1, max: 9000 }));
    await fc.assert(
      fc.asyncProperty(place, fc.nat(), async ([offset, length], seed) => {
        const one = [[4096 + offset, Math.min(length, mebibyte + 8192 - offset)]] as const;
        const patched = changed(one, seed);
        const stamped = await stamp(packed, patchOf(image, patched, one));
        expect(Buffer.compare((await unpackInMemory(xz, stamped)).raw, patched)).toBe(0);
        expect(Buffer.compare(await stamp(stamped, patchOf(patched, image, one)), packed)).toBe(0);
      }),
      { numRuns: 5 },
    );
  });

  test("a bit that is flipped in any block is found in that block", async () => {
    const { segments } = await xz.readMap(new MemorySource(packed));
    for (const { rawOffset, packedOffset, packedLength } of segments) {
      for (const within of [24, Math.floor(packedLength / 2), packedLength - 1]) {
        const copy = packed.slice();
        copy[packedOffset + within] = (copy[packedOffset + within] ?? 0) ^ 4;
        // With CRC-32 the map's own value shows it too; what tells where is decoding.
        expect(await faultOf(copy)).toMatchObject({
          code: "MAP_SEGMENT_DAMAGED",
          fields: { rawOffset, packedOffset },
        });
      }
    }
  });
});

test("the checks are what the standard says of them", async () => {
  const raw = Buffer.from("123456789");
  const values = {
    crc32: "2639f4cb",
    crc64: "fa3919dfbbc95d99",
    sha256: createHash("sha256").update(raw).digest("hex"),
  };
  for (const [check, value] of Object.entries(values)) {
    const packed = await pressInMemory(xz, new MemorySource(raw), [{ offset: 0, length: 9 }], { check });
    const { segments } = await xz.readMap(new MemorySource(packed));
    const end = (segments[0]?.packedOffset ?? 0) + (segments[0]?.packedLength ?? 0);
    expect(Buffer.from(packed.subarray(end - value.length / 2, end)).toString("hex")).toBe(value);
  }
});

describe("a file of another program can be stamped where it is stored", () => {
  test("without a check", requires("xz"), async () => {
    const raw = randomBytes(100_000);
    const made = block({
      data: storedData(raw),
      raw,
      dataLength: storedData(raw).length,
      rawLength: raw.length,
      check: Buffer.alloc(0),
    });
    const packed = file([made], 0);
    const after = raw.slice();
    after.set(textBytes(10), 65_530);
    const stamped = await stamp(packed, patchOf(raw, after, [[65_530, 10]]));
    expect(Buffer.compare((await unpackInMemory(xz, stamped)).raw, after)).toBe(0);
    await expect(run("xz", ["-t"], { input: stamped })).resolves.toMatch(/^(xz: .*check.*)?$/i);
  });

  test("but not where a chunk is no stored one, though the block looks as one", async () => {
    const raw = randomBytes(200_000);
    const data = storedData(raw);
    data[65_539] = 1;
    const packed = file([
      block({ data, raw, dataLength: data.length, rawLength: raw.length, filters: [lzma2] }),
    ]);
    const after = raw.slice();
    after.set(textBytes(10), 70_000);
    const stamping = stamp(packed, patchOf(raw, after, [[70_000, 10]]));
    await expect(stamping).rejects.toMatchObject({ code: "MAP_SEGMENT_DAMAGED" });
    expect(Buffer.compare((await unpackInMemory(xz, packed)).raw, raw)).toBe(0);
  });

  test("but not where the map is another file's", async () => {
    const raw = randomBytes(5000);
    const map = await xz.readMap(new MemorySource(file([storedBlock(raw)])));
    const other = file([block({ data: storedData(raw), raw })]);
    const longer = Buffer.concat([other, Buffer.alloc(map.packedLength - other.length)]);
    const patch = patchOf(raw, textBytes(5000), [[0, 5000]]);
    await expect(xz.seal(map, patch, new MemorySource(longer))).rejects.toMatchObject({
      code: "MAP_SEGMENT_DAMAGED",
    });
  });
});
