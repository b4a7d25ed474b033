// Raw bytes in stored blocks, each byte at a place that follows from its offset. RFC 1951 §3.2.4.
//
//   run     block block ... block
//   block   00  LEN u16  NLEN u16  LEN bytes        from a byte boundary; LEN 32768, in the last block 1..32768
//
// 32768 rather than 65535, so that whole 4 KiB blocks of a file system stay whole.

import type { Extent } from "@bootstamp/segment-map";

export const storedBlockLength = 32768;
export const storedHeaderLength = 5;
const strideLength = storedHeaderLength + storedBlockLength;

/** Length of `rawLength` bytes as stored blocks. */
export function storedLength(rawLength: number): number {
  return rawLength + storedHeaderLength * Math.ceil(rawLength / storedBlockLength);
}

/** Where the byte at `offset` of a run's raw bytes is, from the run's beginning. */
export function storedOffset(offset: number): number {
  const block = Math.floor(offset / storedBlockLength);
  return block * strideLength + storedHeaderLength + (offset - block * storedBlockLength);
}

/** Packs `raw` as stored blocks. */
export function packStored(raw: Uint8Array): Uint8Array {
  const packed = new Uint8Array(storedLength(raw.length));
  for (let offset = 0; offset < raw.length; offset += storedBlockLength) {
    const payload = raw.subarray(offset, offset + storedBlockLength);
    const at = storedOffset(offset);
    packed.set(storedHeader(payload.length), at - storedHeaderLength);
    packed.set(payload, at);
  }
  return packed;
}

/** The parts of `offset..offset + length`, among a run's raw bytes, that lie in one block each. */
export function* storedParts(offset: number, length: number): Generator<Extent> {
  for (let at = offset; at < offset + length;) {
    const part = Math.min(storedBlockLength - (at % storedBlockLength), offset + length - at);
    yield { offset: at, length: part };
    at += part;
  }
}

/** The five bytes before a stored block's payload: not final, byte-aligned. */
export function storedHeader(payloadLength: number): Uint8Array {
  const header = new Uint8Array(storedHeaderLength);
  const view = new DataView(header.buffer);
  view.setUint16(1, payloadLength, true);
  view.setUint16(3, ~payloadLength & 0xffff, true);
  return header;
}
