import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import type { Decoder } from "./decoder.ts";

/** What a stream of bytes came to. */
export interface Digested {
  readonly length: number;
  readonly sha256: string;
}

/** Digests what a decoder makes of a file, in constant memory. @throws Error where the decoder complains. */
export async function digestDecoded(decoder: Decoder, path: string): Promise<Digested> {
  return digest(decoder.decode(path));
}

/** Digests a file as it is, in constant memory. */
export async function digestFile(path: string): Promise<Digested> {
  return digest(createReadStream(path, { highWaterMark: 1 << 20 }));
}

async function digest(chunks: AsyncIterable<Uint8Array>): Promise<Digested> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    length += chunk.length;
  }
  return { length, sha256: hash.digest("hex") };
}

/**
 * Compares what a decoder makes of a file with the raw file, in constant memory.
 * @throws Error that names the first offset at which they differ.
 */
export async function assertDecodesTo(decoder: Decoder, path: string, rawPath: string): Promise<void> {
  const raw = openSync(rawPath, "r");
  try {
    const { size } = fstatSync(raw);
    let expected = Buffer.alloc(0);
    let offset = 0;
    for await (const chunk of decoder.decode(path)) {
      if (expected.length < chunk.length) expected = Buffer.alloc(chunk.length);
      const length = readSync(raw, expected, 0, chunk.length, offset);
      const same = commonLength(chunk, expected.subarray(0, length));
      if (same < chunk.length)
        throw new Error(`${decoder.name} reads ${path} wrong from offset ${offset + same}`);
      offset += chunk.length;
    }
    if (offset !== size)
      throw new Error(`${decoder.name} reads ${offset} bytes of ${path}, expected ${size}`);
  } finally {
    closeSync(raw);
  }
}

function commonLength(got: Uint8Array, expected: Uint8Array): number {
  if (Buffer.compare(got, expected) === 0) return got.length;
  const different = got.findIndex((byte, index) => byte !== expected[index]);
  return different === -1 ? got.length : different;
}
