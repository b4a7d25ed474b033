// What an fs-verity digest is the hash of. struct fsverity_descriptor, include/uapi/linux/fsverity.h of Linux.
//
//   0    1   version, 1
//   1    1   hash algorithm: 1 SHA-256, 2 SHA-512
//   2    1   log2 of the block length
//   3    1   length of the salt
//   4    4   length of the signature, 0 for the digest
//   8    8   length of the file, little-endian
//   16   64  root hash, filled up with zeros
//   80   32  salt, filled up with zeros
//   112  144 reserved, zeros
import { hash } from "node:crypto";
import type { VeritySettings } from "./verity-settings.ts";

const descriptorLength = 256;

/** The digest, in hex, of a file of `length` bytes whose tree has this root. The descriptor is hashed without salt. */
export function digestOfRoot(settings: VeritySettings, length: number, root: Uint8Array): string {
  const descriptor = Buffer.alloc(descriptorLength);
  descriptor.writeUInt8(1, 0);
  descriptor.writeUInt8(settings.algorithmNumber, 1);
  descriptor.writeUInt8(Math.log2(settings.blockLength), 2);
  descriptor.writeUInt8(settings.salt.length, 3);
  descriptor.writeBigUInt64LE(BigInt(length), 8);
  descriptor.set(root, 16);
  descriptor.set(settings.salt, 80);
  return hash(settings.algorithm, descriptor, "hex");
}
