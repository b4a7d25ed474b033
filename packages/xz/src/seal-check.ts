import type { ByteSource } from "@bootstamp/byte-source";
import type { PackedWrite } from "@bootstamp/segment-map";
import type { Check, Replacement } from "./container/check.ts";
import { storedChunkLength } from "./lzma/stored-chunks.ts";
import { readStoredBlock, type StoredBlock } from "./stored-block.ts";

/**
 * The write that makes a block's check right after `replacements`, which are in order and in one chunk each. A CRC's
 * new value follows from its old one; for a SHA-256 the whole block is read.
 */
export async function sealCheck(
  check: Check,
  block: StoredBlock,
  replacements: readonly Replacement[],
  packed: ByteSource,
): Promise<PackedWrite> {
  const { packedOffset, packedLength, rawLength } = block.segment;
  const offset = packedOffset + packedLength - check.length;
  const value = await packed.read(offset, check.length);
  const patched = check.patch?.(value, rawLength, replacements);
  return { offset, bytes: patched ?? (await computeCheck(check, block, replacements, packed)) };
}

/** The check of a block as it is, with `replacements` in it. */
export async function computeCheck(
  check: Check,
  block: StoredBlock,
  replacements: readonly Replacement[],
  packed: ByteSource,
): Promise<Uint8Array> {
  const begin = await check.load();
  const running = begin();
  const { rawLength } = block.segment;
  let next = 0;
  for (let start = 0; start < rawLength; start += storedChunkLength) {
    const chunk = await readStoredBlock(block, packed, start, Math.min(storedChunkLength, rawLength - start));
    for (; next < replacements.length; next++) {
      const { offset = rawLength, after = new Uint8Array() } = replacements[next] ?? {};
      if (offset >= start + storedChunkLength) break;
      chunk.set(after, offset - start);
    }
    running.update(chunk);
  }
  return running.digest();
}
