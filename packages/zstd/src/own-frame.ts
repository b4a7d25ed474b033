// The frames that we make ourselves, without the engine. RFC 8878 §3.1.1.
//
//   frame   28 B5 2F FD  A4  content size u32 | block | block | ... | block | XXH64, lowest 32 bits
//
// A4: a content size of 4 bytes, no window (it is the content), a checksum. Blocks of stored bytes and of zeros are as
// long as they may be.
//
// Frames that zstd makes get this header too. Theirs has a window, and bits, that a decoder may or may not look at:
// now the header follows from the frame's raw length, and no bit of it can be wrong unnoticed.
import { type Segment, segmentFault } from "@bootstamp/segment-map";
import { blockHeader, blockHeaderLength, maxBlockLength, rawBlock, rleBlock } from "./block.ts";
import { type FrameHeader, frameMagic } from "./frame-header.ts";
import { maxFrameLength } from "./layout.ts";
import { storedLength, type StoredLayout, storedOffset, storedParts } from "./stored-layout.ts";
import { viewOf } from "./view-of.ts";
import { checksumLength } from "./xxh64.ts";

const headerLength = 9;
const descriptor = 0xa4;
const rleBlockLength: number = blockHeaderLength + 1;
/** Raw bytes in the first block of zeros. */
const leadLength = 16;

const layout: StoredLayout = { headerLength, blockLength: maxBlockLength, hasChecksum: true };

/** Length of `rawLength` bytes as {@link packStored} packs them. */
export function packedStoredLength(rawLength: number): number {
  return storedLength(layout, rawLength);
}

/** Packs `raw`, 1 byte at least, as a frame of raw blocks, each byte at a place that follows from its offset. */
export function packStored(raw: Uint8Array, checksum: number): Uint8Array {
  const packed = emptyFrame(packedStoredLength(raw.length), raw.length, checksum);
  for (const { offset, length } of storedParts(layout, 0, raw.length)) {
    const at = storedOffset(layout, offset);
    packed.set(blockHeader(rawBlock, length, offset + length === raw.length), at - blockHeaderLength);
    packed.set(raw.subarray(offset, offset + length), at);
  }
  return packed;
}

/**
 * Packs `rawLength` zero bytes, 1 at least, as a raw block of 16 bytes and RLE blocks. Not as RLE blocks alone: zstd 1.3
 * to 1.4.3 refuse a frame with an RLE block among the first 18 bytes, which they read before the others.
 */
export function packZeros(rawLength: number, checksum: number): Uint8Array {
  const packed = emptyFrame(packedZerosLength(rawLength), rawLength, checksum);
  const lead = Math.min(rawLength, leadLength);
  packed.set(blockHeader(rawBlock, lead, lead === rawLength), headerLength);
  let at = headerLength + blockHeaderLength + lead;
  for (let rest = rawLength - lead; rest > 0; at += rleBlockLength) {
    const length = Math.min(rest, maxBlockLength);
    rest -= length;
    packed.set(blockHeader(rleBlock, length, rest === 0), at);
  }
  return packed;
}

/** Length of `rawLength` zero bytes as {@link packZeros} packs them. */
export function packedZerosLength(rawLength: number): number {
  const lead = Math.min(rawLength, leadLength);
  const rleBlocks = Math.ceil((rawLength - lead) / maxBlockLength);
  return headerLength + blockHeaderLength + lead + rleBlocks * rleBlockLength + checksumLength;
}

/** A frame of no bytes: one raw block. */
export function packNothing(checksum: number): Uint8Array {
  const packed = emptyFrame(packedNothingLength, 0, checksum);
  packed.set(blockHeader(rawBlock, 0, true), headerLength);
  return packed;
}

export const packedNothingLength: number = headerLength + blockHeaderLength + checksumLength;

/** The same frame with our header. @param frame with a header of `headerLength` bytes, a checksum, and no dictionary. */
export function withOwnHeader(frame: Uint8Array, frameHeaderLength: number, rawLength: number): Uint8Array {
  const own = new Uint8Array(headerLength + frame.length - frameHeaderLength);
  writeHeader(own, rawLength);
  own.set(frame.subarray(frameHeaderLength), headerLength);
  return own;
}

/** Throws `MAP_SEGMENT_DAMAGED` unless a segment of ours, of whatever kind, begins with the header that it must have. */
export function checkOwnHeader(segment: Segment, frame: Uint8Array): void {
  const expected = new Uint8Array(headerLength);
  writeHeader(expected, segment.rawLength);
  const found = frame.subarray(0, headerLength);
  if (Buffer.compare(found, expected) === 0) return;
  throw segmentFault(segment, `its frame begins with ${hex(found)}, expected ${hex(expected)}`);
}

/**
 * Whether a frame has a header that only we write ("ours"), one that zstd writes too ("alike"), or another. zstd takes as
 * few bytes for the content size as will do: four say 2^16 + 256 at least.
 */
export function hasOwnShape({
  descriptor: found,
  contentLength = 0,
}: FrameHeader): "ours" | "alike" | "other" {
  if (found !== descriptor || contentLength > maxFrameLength) return "other";
  return contentLength < 2 ** 16 + 256 ? "ours" : "alike";
}

/** The checksum at the end of a frame that has one. */
export function frameChecksum(frame: Uint8Array): number {
  return viewOf(frame).getUint32(frame.length - checksumLength, true);
}

function emptyFrame(length: number, contentLength: number, checksum: number): Uint8Array {
  const frame = new Uint8Array(length);
  writeHeader(frame, contentLength);
  viewOf(frame).setUint32(length - checksumLength, checksum, true);
  return frame;
}

function writeHeader(frame: Uint8Array, contentLength: number): void {
  const view = viewOf(frame);
  view.setUint32(0, frameMagic, true);
  view.setUint8(4, descriptor);
  view.setUint32(5, contentLength, true);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
