import { MemorySource, overwrittenSource, type ByteSource } from "@bootstamp/byte-source";
import { bulkCrc64nvme, crc32 } from "@bootstamp/crc";
import { spansOfOverwrites, type ArtifactRequest, type PinnedObject } from "@bootstamp/publish";

export const mebibyte = 2 ** 20;

/** Bytes that look random and are the same every time. */
export function someBytes(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed * 0x9e37_79b9;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

export async function checksumsOf(source: ByteSource): Promise<{ crc64nvme: bigint; crc32: number }> {
  const bytes = await source.read(0, source.length);
  return { crc64nvme: (await bulkCrc64nvme())(bytes), crc32: crc32.of(bytes) };
}

/** A variant of a base: a window of other bytes, and the last eight bytes. */
export async function variantOf(
  base: Uint8Array,
  pinned: PinnedObject,
  key: string,
  { seed = 7, offset = 6 * mebibyte, length = 100_000 } = {},
): Promise<ArtifactRequest & { readonly bytes: Uint8Array; readonly crc64nvme: bigint }> {
  const overwrites = [
    { offset, bytes: someBytes(length, seed) },
    { offset: base.length - 8, bytes: someBytes(8, seed) },
  ];
  const source = overwrittenSource(new MemorySource(base), overwrites);
  return {
    key,
    source,
    identity: `variant ${seed} at ${offset}`,
    ...(await checksumsOf(source)),
    base: pinned,
    spans: spansOfOverwrites(base.length, overwrites),
    bytes: await source.read(0, source.length),
  };
}
