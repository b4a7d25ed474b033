import type { ByteSource } from "@bootstamp/byte-source";
import { type Segment, segmentFault } from "@bootstamp/segment-map";
import { readBlockHeader } from "./container/block-header.ts";
import { CorruptData } from "./corrupt-data.ts";
import {
  chunkHeaderAt,
  chunkHeaderLength,
  chunkStart,
  storedLength,
  storedOffset,
  storedParts,
} from "./lzma/stored-chunks.ts";

/** A stored segment whose block has been looked at. */
export interface StoredBlock {
  readonly segment: Segment;
  /** Where the first chunk's header is in the file. */
  readonly dataOffset: number;
}

/** Reads the header of a stored segment's block. @throws MapError `MAP_SEGMENT_DAMAGED`. */
export async function openStoredBlock(segment: Segment, packed: ByteSource): Promise<StoredBlock> {
  const { packedOffset, packedLength, rawLength } = segment;
  try {
    const header = await readBlockHeader(packed, packedOffset, packedOffset + packedLength);
    if (header.rawLength !== rawLength || header.dataLength !== storedLength(rawLength)) {
      throw new CorruptData(`its header has other lengths than that of ${rawLength} stored bytes`);
    }
    return { segment, dataOffset: packedOffset + header.length };
  } catch (error) {
    if (error instanceof CorruptData) throw segmentFault(segment, error.message, error);
    throw error;
  }
}

/** Where the raw byte `offset` bytes into the block is in the file. */
export function packedOffsetIn({ dataOffset }: StoredBlock, offset: number): number {
  return dataOffset + storedOffset(offset);
}

/** Reads `length` raw bytes, `offset` bytes into the block, and checks the headers of the chunks that they are in. */
export async function readStoredBlock(
  block: StoredBlock,
  packed: ByteSource,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const raw = new Uint8Array(length);
  if (length === 0) return raw;
  const { segment } = block;
  const start = packedOffsetIn(block, offset);
  const window = await packed.read(start, packedOffsetIn(block, offset + length - 1) + 1 - start);
  for (const part of storedParts(offset, length)) {
    const headerOffset = packedOffsetIn(block, chunkStart(part.offset)) - chunkHeaderLength;
    const header =
      headerOffset < start
        ? await packed.read(headerOffset, chunkHeaderLength)
        : window.subarray(headerOffset - start, headerOffset - start + chunkHeaderLength);
    if (Buffer.compare(header, chunkHeaderAt(part.offset, segment.rawLength)) !== 0) {
      throw segmentFault(segment, `no stored chunk begins ${chunkStart(part.offset)} raw bytes into it`);
    }
    const from = packedOffsetIn(block, part.offset) - start;
    raw.set(window.subarray(from, from + part.length), part.offset - offset);
  }
  return raw;
}
