// bmap 2.0, the block map that bmaptool reads: which blocks of an image are to be written, with their digests.
//
//   <bmap version="2.0">
//     ImageSize, BlockSize    bytes
//     BlocksCount             blocks of the image, the last one counted even if it is cut off
//     MappedBlocksCount       blocks in the ranges below
//     ChecksumType            sha256
//     BmapFileChecksum        of this file, with 64 "0" in this place
//     BlockMap
//       Range chksum="..."    first-last block, or one number; the digest is of the bytes that the image has
//
// Source: bmap-tools 3.6, as it writes and reads the format; there is no standard. Element order, names and the spaces
// around values are as bmaptool writes them.
import { createHash } from "node:crypto";
import { extentEnd, type Extent } from "@bootstamp/segment-map";
import { bmapBlockLength } from "./bmap-ranges.ts";

/** An image's block map. */
export interface Bmap {
  /** Bytes of the raw image, at least one. */
  readonly imageLength: number;
  /** As {@link bmapRanges} gives them. */
  readonly ranges: readonly Extent[];
  /** SHA-256 of each range, in hex. */
  readonly digests: readonly string[];
}

const checksumPlace = "0".repeat(64);

/**
 * The text of a bmap file: the same map always gives the same text.
 * `RangeError` unless the ranges are whole blocks, in order, apart and inside the image, with a digest for each.
 */
export function encodeBmap(bmap: Bmap): string {
  checkBmap(bmap);
  const blank = encodeWithChecksum(bmap, checksumPlace);
  return encodeWithChecksum(bmap, createHash("sha256").update(blank).digest("hex"));
}

function encodeWithChecksum({ imageLength, ranges, digests }: Bmap, checksum: string): string {
  const mapped = ranges.reduce((sum, { length }) => sum + blockCount(length), 0);
  const rows = ranges.map(
    (range, index) => `    <Range chksum="${digests[index]}"> ${blocksOf(range)} </Range>\n`,
  );
  return `<?xml version="1.0" ?>
<bmap version="2.0">
  <ImageSize> ${imageLength} </ImageSize>
  <BlockSize> ${bmapBlockLength} </BlockSize>
  <BlocksCount> ${blockCount(imageLength)} </BlocksCount>
  <MappedBlocksCount> ${mapped} </MappedBlocksCount>
  <ChecksumType> sha256 </ChecksumType>
  <BmapFileChecksum> ${checksum} </BmapFileChecksum>
  <BlockMap>
${rows.join("")}  </BlockMap>
</bmap>
`;
}

function blocksOf({ offset, length }: Extent): string {
  const first = offset / bmapBlockLength;
  const last = first + blockCount(length) - 1;
  return first === last ? `${first}` : `${first}-${last}`;
}

function blockCount(length: number): number {
  return Math.ceil(length / bmapBlockLength);
}

function checkBmap({ imageLength, ranges, digests }: Bmap): void {
  if (!Number.isSafeInteger(imageLength) || imageLength < 1)
    throw new RangeError(`no image of ${imageLength} bytes`);
  if (digests.length !== ranges.length || !digests.every((digest) => /^[0-9a-f]{64}$/.test(digest))) {
    throw new RangeError(`${ranges.length} ranges need as many SHA-256 digests, got ${digests.length}`);
  }
  let end = 0;
  for (const range of ranges) {
    const whole = range.length % bmapBlockLength === 0 || extentEnd(range) === imageLength;
    const fits = range.offset >= end && range.offset % bmapBlockLength === 0 && range.length > 0;
    if (!fits || !whole || extentEnd(range) > imageLength) {
      throw new RangeError(`not a range of a bmap: ${range.length} bytes at offset ${range.offset}`);
    }
    end = extentEnd(range);
  }
}
