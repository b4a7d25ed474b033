import type { ByteSource } from "@bootstamp/byte-source";
import type { SegmentKind } from "@bootstamp/segment-map";
import { incompressiblePadding } from "./block.ts";
import { type BlockHeader, longestHeader } from "./container/block-header.ts";
import type { Check } from "./container/check.ts";
import {
  chunkHeaderAt,
  chunkHeaderLength,
  chunkStart,
  storedLength,
  storedOffset,
} from "./lzma/stored-chunks.ts";
import { beginsAsZeros, packZeros } from "./lzma/zero-chunks.ts";
import type { BlockPlace } from "./read-stream.ts";

/** Packed zeros by their raw length, for one reading of one map. */
export type ZeroData = Map<number, Uint8Array>;

/** No segment of ours is longer; and only so much is worked out to compare with. */
const longestZeros = 2 ** 26;
/**
 * Lengths of zeros that are worked out for one map. Each costs half a millisecond, and a file may have a million blocks
 * made to cost one. Of those beyond, which our files do not have, it is only not known that they are zeros.
 */
const mostZeroLengths = 8192;
/** As far as {@link beginsAsZeros} looks. */
const beginningLength = 6;

/** {@link packZeros} makes no more of zeros than this, and a byte of 4096. */
const fewZeros = 64;

/**
 * Whether a block may be stored or zeros, by what the index says alone: where not, {@link segmentKind} would find it
 * compressed.
 */
export function maybeSpecial({ unpaddedLength, rawLength }: BlockPlace, check: Check): boolean {
  const withHeader = unpaddedLength - check.length;
  const afterStored = withHeader - storedLength(rawLength);
  if (afterStored > 0 && afterStored <= longestHeader) return true;
  return rawLength <= longestZeros && withHeader <= longestHeader + fewZeros + rawLength / 4096;
}

/**
 * How the raw bytes of a block stand in it, which the file does not say but shows.
 *
 * It is stored if its data are as long as they are then, the first chunk, the last, and the end marker are where they
 * are then, and its header has no more padding than it needs. It is zeros if its data are the very bytes that
 * {@link packZeros} makes. Other blocks of nothing but zeros, as other programs make them, count as compressed.
 */
export async function segmentKind(
  packed: ByteSource,
  block: BlockPlace,
  header: BlockHeader,
  zeros: ZeroData,
): Promise<SegmentKind> {
  const dataOffset = block.packedOffset + header.length;
  const dataLength = header.dataLength;
  // Without it where the data end is known to a multiple of 4 only; and a block of ours has it.
  if (dataLength === undefined) return "compressed";
  if (dataLength === storedLength(block.rawLength)) {
    if (header.paddingLength >= incompressiblePadding) return "compressed";
    return (await isStored(packed, dataOffset, block.rawLength)) ? "stored" : "compressed";
  }
  if (block.rawLength > longestZeros || dataLength < beginningLength) return "compressed";
  if (!beginsAsZeros(await packed.read(dataOffset, beginningLength))) return "compressed";
  if (zeros.size >= mostZeroLengths && !zeros.has(block.rawLength)) return "compressed";
  const expected = zeros.get(block.rawLength) ?? packZeros(block.rawLength);
  zeros.set(block.rawLength, expected);
  if (dataLength !== expected.length) return "compressed";
  return Buffer.compare(await packed.read(dataOffset, dataLength), expected) === 0 ? "zero" : "compressed";
}

async function isStored(packed: ByteSource, dataOffset: number, rawLength: number): Promise<boolean> {
  for (const offset of [0, rawLength - 1]) {
    const expected = chunkHeaderAt(offset, rawLength);
    const at = dataOffset + storedOffset(chunkStart(offset)) - chunkHeaderLength;
    if (Buffer.compare(await packed.read(at, chunkHeaderLength), expected) !== 0) return false;
  }
  const [end] = await packed.read(dataOffset + storedLength(rawLength) - 1, 1);
  return end === 0;
}
