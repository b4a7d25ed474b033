import type { ByteSource } from "@bootstamp/byte-source";
import { MapError, type NewSegment, type SegmentMap, type Splice } from "@bootstamp/segment-map";
import type { BlockNote } from "./block.ts";
import { type BlockRecord, encodeIndex, maxBlockCount } from "./container/block-index.ts";
import { encodeStreamFooter, encodeStreamHeader, streamEndLength } from "./container/stream-ends.ts";
import { type BlockPlace, readStream } from "./read-stream.ts";

/**
 * See {@link StreamFormat.splice}. Nothing but index and footer says where blocks are. Blocks of nothing, which other
 * programs may write, stay where they are among the others.
 */
export async function splice(
  map: SegmentMap,
  segments: readonly NewSegment<BlockNote>[],
  _rawCrc32: number | undefined,
  packed: ByteSource,
): Promise<Splice> {
  const { check, blocks, indexOffset } = await readStream(packed);
  const records = recordsOf(blocks, newBlocks(map, segments));
  if (records.length > maxBlockCount) {
    throw new MapError(
      "MAP_TOO_LARGE",
      `the spliced file would have ${records.length} blocks, more than ${maxBlockCount}`,
      { blocks: records.length },
    );
  }
  const index = encodeIndex(records);
  const footer = encodeStreamFooter(check, index.length);
  return {
    head: encodeStreamHeader(check),
    tail: new Uint8Array(Buffer.concat([index, footer])),
    bodyOffset: streamEndLength,
    bodyEnd: indexOffset,
  };
}

/** By packed offset of an old block, the records of what takes its place. */
function newBlocks(
  map: SegmentMap,
  segments: readonly NewSegment<BlockNote>[],
): Map<number | undefined, readonly BlockRecord[]> {
  return new Map(
    segments.map(({ index, pieces }) => [
      map.segments[index]?.packedOffset,
      pieces.map(({ piece, note }) => ({
        unpaddedLength: note.unpaddedLength,
        rawLength: piece.rawLength,
      })),
    ]),
  );
}

function recordsOf(
  blocks: Iterable<BlockPlace>,
  replaced: Map<number | undefined, readonly BlockRecord[]>,
): BlockRecord[] {
  const records: BlockRecord[] = [];
  for (const { packedOffset, unpaddedLength, rawLength } of blocks) {
    records.push(...(replaced.get(packedOffset) ?? [{ unpaddedLength, rawLength }]));
  }
  return records;
}
