import assert from "node:assert/strict";
import { MemorySource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { type EncodeChoice, type Extent, storedExtents, type StreamFormat } from "@bootstamp/segment-map";
import { pressInMemory, unpackInMemory } from "./memory-press.ts";
import { covers } from "./stored-extents.ts";

/** Presses an image and holds everything that can be read from the file against it. @throws AssertionError. */
export async function checkPressed(
  format: StreamFormat,
  bytes: Uint8Array,
  stored: readonly Extent[],
  choice: EncodeChoice,
): Promise<void> {
  const packed = await press(format, bytes, stored, choice);
  const settings = format.settle(choice);
  assert.ok(format.recognises(packed.subarray(0, 16)));
  const { map, raw } = await unpackInMemory(format, packed);
  assertSameBytes(raw, bytes);
  assert.equal(map.format, format.name);
  assert.equal(map.rawLength, bytes.length);
  assert.equal(map.packedLength, packed.length);
  const identity = { rawLength: bytes.length, rawCrc32: crc32.of(bytes) };
  if (map.base !== undefined) assert.deepEqual(map.base, identity);
  if (map.rawCrc32 !== undefined) assert.equal(map.rawCrc32, identity.rawCrc32);
  if (map.engine !== undefined) assert.ok(map.engine.includes(settings.engine));
  assert.ok(covers(storedExtents(map), stored));
  assert.deepEqual(storedExtents(map), format.plan(bytes.length, stored, settings).stored);
  for (const { kind, rawOffset, rawLength } of map.segments) {
    const zero = !bytes.subarray(rawOffset, rawOffset + rawLength).some((byte) => byte !== 0);
    if (kind !== "stored") assert.equal(kind, zero ? "zero" : "compressed");
  }
  assertSameBytes(await press(format, bytes, stored, choice), packed);
}

/** {@link pressInMemory} for bytes. */
export async function press(
  format: StreamFormat,
  bytes: Uint8Array,
  stored: readonly Extent[],
  choice: EncodeChoice,
): Promise<Uint8Array> {
  return await pressInMemory(format, new MemorySource(bytes), stored, choice);
}

/** Says where two arrays differ first, which of megabytes is all that one wants to know. @throws AssertionError. */
export function assertSameBytes(got: Uint8Array, expected: Uint8Array): void {
  if (sameBytes(got, expected)) return;
  const at = got.findIndex((byte, index) => byte !== expected[index]);
  assert.fail(`got ${got.length} bytes, expected ${expected.length}; they differ at ${at}`);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
