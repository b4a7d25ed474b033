import { crc32 } from "node:zlib";
import { MemorySource, type Patch } from "@bootstamp/byte-source";
import { pressInMemory, randomBytes, withWrites } from "@bootstamp/format-contract";
import { gzip } from "@bootstamp/gzip";
import { expect, test } from "vitest";

const image = randomBytes(100_000);
const stored = [{ offset: 4096, length: 65_536 }];

function patchAt(offset: number, bytes: Uint8Array): Patch {
  return [{ offset, bytes, replacedCrc32: crc32(image.subarray(offset, offset + bytes.length)) }];
}

test("a patch is written block by block, and the trailer last", async () => {
  const packed = await pressInMemory(gzip, new MemorySource(image), stored, { engine: "zlib" });
  const source = new MemorySource(packed);
  const map = await gzip.readMap(source);
  const segment = map.segments[1];
  const { writes, rawCrc32 } = await gzip.seal(map, patchAt(4096 + 32_760, new Uint8Array(20)), source);
  // 32 KiB blocks behind headers of 5 bytes.
  const first = (segment?.packedOffset ?? 0) + 5 + 32_760;
  expect(writes.map(({ offset, bytes }) => [offset, bytes.length])).toEqual([
    [first, 8],
    [first + 8 + 5, 12],
    [packed.length - 8, 4],
  ]);
  const patched = image.slice().fill(0, 4096 + 32_760, 4096 + 32_780);
  expect(rawCrc32).toBe(crc32(patched));
});

test("a file that was stamped since its map was read is not sealed by that map", async () => {
  const packed = await pressInMemory(gzip, new MemorySource(image), stored, { engine: "zlib" });
  const source = new MemorySource(packed);
  const map = await gzip.readMap(source);
  const { writes } = await gzip.seal(map, patchAt(4096, new Uint8Array(10)), source);
  const stamped = new MemorySource(withWrites(packed, writes));
  await expect(gzip.seal(map, patchAt(8192, new Uint8Array(10)), stamped)).rejects.toMatchObject({
    code: "MAP_INCONSISTENT",
  });
});
