import type { ByteSource } from "@bootstamp/byte-source";
import { type Segment, segmentFault, type MapHead } from "@bootstamp/segment-map";
import { readBlockHeader } from "./container/block-header.ts";
import { paddedLength } from "./container/block-index.ts";
import { readStreamHeader } from "./container/stream-ends.ts";
import { CorruptData } from "./corrupt-data.ts";
import { decodeLzma2 } from "./lzma/lzma2-decoder.ts";
import { lzma2Dictionary } from "./lzma2-filter.ts";
import { PackedReader } from "./packed-reader.ts";

/**
 * See {@link StreamFormat.decode}. Parts have 2 MiB at most. The check is compared behind the last one: who stops
 * before the end has bytes that nobody vouches for.
 */
export async function* decode(
  _map: MapHead,
  segment: Segment,
  packed: ByteSource,
): AsyncGenerator<Uint8Array> {
  try {
    yield* decodeBlock(segment, packed);
  } catch (error) {
    if (error instanceof CorruptData) throw segmentFault(segment, error.message, error);
    throw error;
  }
}

async function* decodeBlock(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  const { packedOffset, rawLength } = segment;
  const check = await readStreamHeader(packed);
  const checkOffset = packedOffset + segment.packedLength - check.length;
  const header = await readBlockHeader(packed, packedOffset, checkOffset);
  if ((header.rawLength ?? rawLength) !== rawLength) {
    throw new CorruptData(`its header says ${header.rawLength} bytes, the map ${rawLength}`);
  }
  const dataOffset = packedOffset + header.length;
  const dataEnd = header.dataLength === undefined ? checkOffset : dataOffset + header.dataLength;
  if (dataEnd > checkOffset) throw new CorruptData(`its header says ${header.dataLength} bytes of data`);
  const reader = new PackedReader(packed, dataOffset, dataEnd);
  const begin = await check.load();
  const running = begin();
  const dictionaryLength = lzma2Dictionary(header, rawLength);
  for await (const part of decodeLzma2(reader, { rawLength, dictionaryLength })) {
    running.update(part);
    yield part;
  }
  const dataLength = reader.offset - dataOffset;
  if (header.dataLength !== undefined && dataLength !== header.dataLength) {
    throw new CorruptData(`its data have ${dataLength} bytes, its header says ${header.dataLength}`);
  }
  await checkEnd(packed, dataOffset + dataLength, checkOffset, running.digest());
}

/** Holds the padding from `paddingOffset` to the check, and the check, against what they must be. */
async function checkEnd(
  packed: ByteSource,
  paddingOffset: number,
  checkOffset: number,
  expected: Uint8Array,
): Promise<void> {
  // Blocks begin at a multiple of 4.
  if (paddedLength(paddingOffset) !== checkOffset) {
    throw new CorruptData(`its data end at offset ${paddingOffset}, its check begins at ${checkOffset}`);
  }
  const padding = await packed.read(paddingOffset, checkOffset - paddingOffset);
  if (padding.some((byte) => byte !== 0))
    throw new CorruptData("there are other bytes than zeros behind its data");
  const found = await packed.read(checkOffset, expected.length);
  if (Buffer.compare(found, expected) !== 0) {
    throw new CorruptData(`its data have the check ${hex(expected)}, the file says ${hex(found)}`);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
