import { createCipheriv } from "node:crypto";

/** Bytes without structure, the same for the same length and seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
