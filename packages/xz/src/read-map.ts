import type { ByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { readAhead, type Segment, segmentFault, type SegmentMap } from "@bootstamp/segment-map";
import { type BlockHeader, readBlockHeader } from "./container/block-header.ts";
import { paddedLength } from "./container/block-index.ts";
import type { Check } from "./container/check.ts";
import { decodeCrc32 } from "./container/checks.ts";
import { CorruptData } from "./corrupt-data.ts";
import { lzma2Dictionary } from "./lzma2-filter.ts";
import { inconsistent } from "./map-fault.ts";
import { type BlockPlace, readStream } from "./read-stream.ts";
import { maybeSpecial, segmentKind, type ZeroData } from "./segment-kind.ts";

/** See {@link StreamFormat.name}. */
export const formatName = "xz";

/**
 * See {@link StreamFormat.readMap}. Reads also files of other programs, whatever the sizes of their blocks, if LZMA2 is
 * their only filter. Costs a read or two a block.
 *
 * The file keeps nothing of its base. With the check CRC-32, those of the blocks come to that of the raw bytes.
 */
export async function readMap(packed: ByteSource): Promise<SegmentMap> {
  return await readBlocks(packed, "every block");
}

/**
 * See {@link StreamFormat.readOutline}. Reads the index, and of the blocks the first, which shows the filters, and those
 * that are as long as stored bytes or zeros would be. The others are held against the index when they are decoded.
 */
export async function readOutline(packed: ByteSource): Promise<SegmentMap> {
  return await readBlocks(packed, "special blocks");
}

async function readBlocks(packed: ByteSource, looked: "every block" | "special blocks"): Promise<SegmentMap> {
  const { check, blocks } = await readStream(packed);
  const source = readAhead(packed);
  const zeros: ZeroData = new Map();
  const segments: Segment[] = [];
  let rawOffset = 0;
  let rawCrc32 = looked === "every block" && check.name === "crc32" ? crc32.empty : undefined;
  for (const block of blocks) {
    const looksAt = looked === "every block" || segments.length === 0 || maybeSpecial(block, check);
    const header = looksAt ? await readHeader(source, block, check, rawOffset) : undefined;
    if (rawCrc32 !== undefined)
      rawCrc32 = crc32.combine(rawCrc32, await readCrc32(source, block, check), block.rawLength);
    // Other programs may write blocks of nothing.
    if (block.rawLength === 0) continue;
    const kind = header === undefined ? "compressed" : await segmentKind(source, block, header, zeros);
    const { packedOffset, rawLength } = block;
    segments.push({
      kind,
      rawOffset,
      rawLength,
      packedOffset,
      packedLength: paddedLength(block.unpaddedLength),
    });
    rawOffset += rawLength;
  }
  return {
    format: formatName,
    rawLength: rawOffset,
    packedLength: packed.length,
    segments,
    base: undefined,
    rawCrc32,
    engine: undefined,
  };
}

/** Reads the header of a block and holds it against the index. */
async function readHeader(
  packed: ByteSource,
  block: BlockPlace,
  check: Check,
  rawOffset: number,
): Promise<BlockHeader> {
  const { packedOffset, unpaddedLength, rawLength } = block;
  let header: BlockHeader;
  try {
    header = await readBlockHeader(packed, packedOffset, packedOffset + unpaddedLength - check.length);
  } catch (error) {
    if (!(error instanceof CorruptData)) throw error;
    throw segmentFault({ rawOffset, packedOffset }, error.message, error);
  }
  const said = header.rawLength ?? rawLength;
  const dataLength = unpaddedLength - header.length - check.length;
  if (said !== rawLength || (header.dataLength ?? dataLength) !== dataLength || dataLength < 1) {
    throw inconsistent(
      `the block at packed offset ${packedOffset} has ${header.dataLength ?? "some"} bytes for ${said} by its header, ${dataLength} for ${rawLength} by the index`,
    );
  }
  lzma2Dictionary(header, rawLength);
  return header;
}

async function readCrc32(packed: ByteSource, block: BlockPlace, check: Check): Promise<number> {
  const end = block.packedOffset + paddedLength(block.unpaddedLength);
  return decodeCrc32(await packed.read(end - check.length, check.length));
}
