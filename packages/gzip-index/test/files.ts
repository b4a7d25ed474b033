import { constants, crc32, deflateRawSync, gzipSync, type ZlibOptions } from "node:zlib";
import { MemorySource, type ByteSource } from "@bootstamp/byte-source";
import { buildGzipIndex, encodeGzipIndex, type GzipIndex } from "@bootstamp/gzip-index";

/** Bytes of which some compress well, some not at all, some are zero, and some are like others far before. */
export function mixedBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const stretch = (at >>> 12) % 6;
    if (stretch === 0) bytes[at] = state >>> 24;
    else if (stretch === 1) bytes[at] = 65 + ((at >>> 3) % 26);
    else if (stretch === 2) bytes[at] = (state >>> 29) + 97;
    else if (stretch >= 4) bytes[at] = bytes[at - 20_000] ?? 7;
  }
  return bytes;
}

/** A member with every optional field of the header. */
export function memberWithFields(raw: Uint8Array, name = "name", extra = 100): Buffer {
  const fields = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 0b11111, 1, 2, 3, 4, 0, 3, extra & 255, extra >> 8]),
    Buffer.alloc(extra, 0x1f),
    Buffer.from(`${name}\0comment\0`),
  ]);
  const check = Buffer.alloc(2);
  check.writeUInt16LE(crc32(fields) & 0xffff);
  return Buffer.concat([fields, check, deflateRawSync(raw), trailerOf(raw)]);
}

export function trailerOf(raw: Uint8Array): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(raw));
  trailer.writeUInt32LE(raw.length, 4);
  return trailer;
}

/** Compressed piece by piece, each flushed: many small blocks that refer to what is before them. */
export function manyBlocks(raw: Uint8Array, pieceLength: number, options: ZlibOptions = {}): Buffer {
  const pieces: Uint8Array[] = [];
  let window: Uint8Array = new Uint8Array();
  for (let at = 0; at < raw.length; at += pieceLength) {
    const piece = raw.subarray(at, at + pieceLength);
    const dictionary = window.length > 0 ? { dictionary: window } : {};
    pieces.push(deflateRawSync(piece, { ...options, ...dictionary, finishFlush: constants.Z_SYNC_FLUSH }));
    window = raw.subarray(Math.max(0, at + pieceLength - 32_768), at + pieceLength);
  }
  const header = gzipSync("").subarray(0, 10);
  return Buffer.concat([header, ...pieces, Uint8Array.of(3, 0), trailerOf(raw)]);
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return new MemorySource(bytes);
}

export async function indexOf(packed: Uint8Array, spacing: number): Promise<GzipIndex> {
  return (await buildGzipIndex(sourceOf(packed), { spacing })).index;
}

export async function indexBytes(index: GzipIndex, packed: Uint8Array): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of encodeGzipIndex(index, sourceOf(packed))) parts.push(part);
  return Buffer.concat(parts);
}
