// Where the bytes of a stored segment are in its frame: raw blocks, all of one length but the last. RFC 8878 §3.1.1.
//
//   header | 3 B | block length | 3 B | block length | ... | 3 B | rest | [XXH64, lowest 32 bits]
import { type Extent, type Segment, segmentFault } from "@bootstamp/segment-map";
import { blockHeader, blockHeaderLength, rawBlock } from "./block.ts";
import { type FrameHeader, parseFrameHeader } from "./frame-header.ts";
import { checksumLength } from "./xxh64.ts";

export interface StoredLayout {
  readonly headerLength: number;
  /** Raw bytes in every block but the last. */
  readonly blockLength: number;
  readonly hasChecksum: boolean;
}

/** Length of a frame of `rawLength` bytes in raw blocks. */
export function storedLength(
  { headerLength, blockLength, hasChecksum }: StoredLayout,
  rawLength: number,
): number {
  const blocks = Math.ceil(rawLength / blockLength);
  return headerLength + blocks * blockHeaderLength + rawLength + (hasChecksum ? checksumLength : 0);
}

/** Where the byte at `offset` of the raw bytes is, from the frame's beginning. */
export function storedOffset({ headerLength, blockLength }: StoredLayout, offset: number): number {
  return headerLength + (Math.floor(offset / blockLength) + 1) * blockHeaderLength + offset;
}

/** The parts of `offset..offset + length`, among the raw bytes, that lie in one block each. */
export function* storedParts(
  { blockLength }: StoredLayout,
  offset: number,
  length: number,
): Generator<Extent> {
  for (let at = offset; at < offset + length;) {
    const part = Math.min(blockLength - (at % blockLength), offset + length - at);
    yield { offset: at, length: part };
    at += part;
  }
}

/** The layout of a frame with this header if it holds raw blocks alone, which its length can rule out. */
export function layoutIfStored(
  { rawLength, packedLength }: Pick<Segment, "rawLength" | "packedLength">,
  header: FrameHeader,
): StoredLayout | undefined {
  const layout = {
    headerLength: header.length,
    blockLength: header.blockLength,
    hasChecksum: header.hasChecksum,
  };
  const contentFits = (header.contentLength ?? rawLength) === rawLength;
  return contentFits && storedLength(layout, rawLength) === packedLength ? layout : undefined;
}

/**
 * The layout of a stored segment whose frame begins with `bytes`.
 * @throws MapError `MAP_SEGMENT_DAMAGED` unless the frame is as long as it says.
 */
export function storedLayoutOf(segment: Segment, bytes: Uint8Array): StoredLayout {
  const layout = layoutIfStored(segment, parseFrameHeader(segment, bytes));
  if (layout === undefined) throw segmentFault(segment, "its frame does not hold raw blocks alone");
  return layout;
}

/** The header that the block at `offset` of the raw bytes, a multiple of the block length, must have. */
export function storedBlockHeader(
  { blockLength }: StoredLayout,
  rawLength: number,
  offset: number,
): Uint8Array {
  const length = Math.min(blockLength, rawLength - offset);
  return blockHeader(rawBlock, length, offset + length === rawLength);
}

/**
 * Throws `MAP_SEGMENT_DAMAGED` unless the block at `offset` of a segment's raw bytes, a multiple of the block length,
 * has the header that it must have, which `window` has at `at`.
 */
export function checkBlock(
  segment: Segment,
  layout: StoredLayout,
  offset: number,
  window: Uint8Array,
  at: number,
): void {
  const expected = storedBlockHeader(layout, segment.rawLength, offset);
  if (Buffer.compare(window.subarray(at, at + blockHeaderLength), expected) === 0) return;
  throw segmentFault(segment, `no raw block as expected begins ${offset} raw bytes into it`);
}
