import { hash } from "node:crypto";
import type { VeritySettings } from "./verity-settings.ts";

/** Hashes blocks of one length. The results are the caller's not to change: those of zeros are shared. */
export type BlockHasher = (block: Uint8Array) => Uint8Array;

/** A hasher of a tree's blocks, each of exactly `settings.blockLength` bytes; not to be called within itself. */
export function blockHasher(settings: VeritySettings): BlockHasher {
  const { algorithm, blockLength } = settings;
  const salt = paddedSalt(settings);
  const salted = new Uint8Array(salt.length + blockLength);
  salted.set(salt);
  const hashBlock = (block: Uint8Array): Uint8Array => {
    if (salt.length === 0) return hash(algorithm, block, "buffer");
    salted.set(block, salt.length);
    return hash(algorithm, salted, "buffer");
  };
  const zeros = new Uint8Array(blockLength);
  const hashOfZeros = hashBlock(zeros);
  // Images are mostly zeros, and to see that takes a fraction of a hash.
  return (block) => (Buffer.compare(block, zeros) === 0 ? hashOfZeros : hashBlock(block));
}

/** The kernel's documentation, "Merkle tree": the salt is filled up with zeros to the next multiple of the hash's block. */
function paddedSalt({ salt, hashBlockLength }: VeritySettings): Uint8Array {
  const padded = new Uint8Array(Math.ceil(salt.length / hashBlockLength) * hashBlockLength);
  padded.set(salt);
  return padded;
}
