import { createCipheriv } from "node:crypto";
import { crc32 } from "node:zlib";
import { MemorySource, type Overwrite, type Patch } from "@bootstamp/byte-source";
import { type Difference, diffSources, type Stamp, type StampArtifact } from "@bootstamp/stamp-file";
import fc from "fast-check";

/** Bytes without structure, the same for the same length and seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  return new Uint8Array(createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length)));
}

export function withOverwrites(bytes: Uint8Array, overwrites: readonly Overwrite[]): Uint8Array {
  const patched = new Uint8Array(bytes);
  for (const each of overwrites) patched.set(each.bytes, each.offset);
  return patched;
}

/** The overwrites as a patch of `bytes`. */
export function patchOf(bytes: Uint8Array, overwrites: readonly Overwrite[]): Patch {
  return overwrites.map(({ offset, bytes: now }) => ({
    offset,
    bytes: now,
    replacedCrc32: crc32(bytes.subarray(offset, offset + now.length)),
  }));
}

export async function diff(base: Uint8Array, variant: Uint8Array): Promise<Difference> {
  return await diffSources(new MemorySource(base), new MemorySource(variant));
}

/** A stamp of a base of one MiB, with all that a stamp can have. */
export async function sampleStamp(): Promise<Stamp> {
  const base = noise(1 << 20);
  const variant = withOverwrites(base, [
    { offset: 0, bytes: noise(10, 2) },
    { offset: 5000, bytes: new Uint8Array(9000) },
    { offset: (1 << 20) - 1, bytes: Uint8Array.of(1 ^ (base.at(-1) ?? 0)) },
  ]);
  const difference = await diffSources(new MemorySource(base), new MemorySource(variant), { sha256: true });
  return { name: "aws-größer", ...difference, artifacts: sampleArtifacts };
}

export const sampleArtifacts: readonly StampArtifact[] = [
  { format: "gz", stampable: "01".repeat(32), length: 12_345, sha256: "ab".repeat(32) },
  {
    format: "gz",
    stampable: "02".repeat(32),
    length: 2 ** 40,
    sha256: "cd".repeat(32),
    crc64nvme: 2n ** 63n + 5n,
    fsverity: "ef".repeat(32),
  },
  { format: "zst", stampable: "01".repeat(32), length: 0 },
];

/** Some overwrites of `length` bytes, in order and apart, some of them with what is there already. */
export function overwritesOf(base: Uint8Array): fc.Arbitrary<Overwrite[]> {
  const offset = fc.oneof(fc.nat(base.length - 1), fc.constantFrom(0, base.length - 1));
  const wanted = fc.tuple(offset, fc.uint8Array({ minLength: 1, maxLength: 9000 }), fc.boolean());
  return fc.array(wanted, { maxLength: 8 }).map((all) => {
    let end = 0;
    return all
      .toSorted(([a], [b]) => a - b)
      .flatMap(([at, bytes, same]) => {
        if (at < end) return [];
        end = Math.min(at + bytes.length, base.length);
        return [{ offset: at, bytes: same ? base.slice(at, end) : bytes.slice(0, end - at) }];
      });
  });
}
