// Raw bytes as uncompressed LZMA2 chunks, each byte at a place that follows from its offset.
//
//   data    chunk chunk ... chunk  00
//   chunk   01 (the first: dictionary reset) or 02 | length - 1, u16 big-endian | length bytes
//   length  65536, in the last chunk 1..65536
//
// The layout of LZMA2 is described with the code of xz-embedded and of the Linux kernel (xz_dec_lzma2.c); the xz file
// format (§5.3.1) names the filter alone. liblzma writes these very chunks for a block that does not compress.
import type { Extent } from "@bootstamp/segment-map";
import type { Parts } from "../parts.ts";

export const storedChunkLength = 65_536;
export const chunkHeaderLength = 3;
const strideLength = chunkHeaderLength + storedChunkLength;
const firstControl = 0x01;
const nextControl = 0x02;
const endMarker = Uint8Array.of(0);

/** Length of `rawLength` bytes, 1 at least, as stored chunks, with the end marker. */
export function storedLength(rawLength: number): number {
  return rawLength + chunkHeaderLength * Math.ceil(rawLength / storedChunkLength) + 1;
}

/** Where the raw byte at `offset` is, from the beginning of the data. */
export function storedOffset(offset: number): number {
  const chunk = Math.floor(offset / storedChunkLength);
  return chunk * strideLength + chunkHeaderLength + (offset - chunk * storedChunkLength);
}

/** The three bytes before the chunk that holds the raw byte at `offset` of `rawLength`. */
export function chunkHeaderAt(offset: number, rawLength: number): Uint8Array {
  const start = chunkStart(offset);
  const size = Math.min(storedChunkLength, rawLength - start) - 1;
  return Uint8Array.of(start === 0 ? firstControl : nextControl, size >> 8, size & 0xff);
}

/** Raw offset at which the chunk begins that holds the raw byte at `offset`. */
export function chunkStart(offset: number): number {
  return offset - (offset % storedChunkLength);
}

/** Packs `raw`, 1 byte at least, as parts that are views of it and what lies between them. */
export function packStored(raw: Uint8Array): Parts {
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < raw.length; offset += storedChunkLength) {
    parts.push(chunkHeaderAt(offset, raw.length), raw.subarray(offset, offset + storedChunkLength));
  }
  return [...parts, endMarker];
}

/** The parts of `offset..offset + length`, among raw bytes, that lie in one chunk each. */
export function* storedParts(offset: number, length: number): Generator<Extent> {
  for (let at = offset; at < offset + length;) {
    const part = Math.min(storedChunkLength - (at % storedChunkLength), offset + length - at);
    yield { offset: at, length: part };
    at += part;
  }
}
