import type { ByteSource } from "@bootstamp/byte-source";
import { MerkleTree } from "@bootstamp/fsverity";

/** Digests that several artifacts of one build have in common, and what they are worked out from. */
export interface SharedDigests {
  /** The digest of a key: whoever asks first works it out. */
  once(key: string, digest: () => Promise<string>): Promise<string>;
  /** The Merkle tree of a file that variants are patched from, by a name of its own: hashed whole when first asked for. */
  tree(name: string, file: ByteSource, signal: AbortSignal): Promise<MerkleTree>;
}

export function sharedDigests(): SharedDigests {
  const digests = new Map<string, Promise<string>>();
  const trees = new Map<string, Promise<MerkleTree>>();
  return {
    once: async (key, digest) => await remembered(digests, key, digest),
    tree: async (name, file, signal) =>
      await remembered(trees, name, async () => await MerkleTree.of(file, { signal })),
  };
}

async function remembered<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return await value;
}
