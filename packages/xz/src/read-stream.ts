// A file of one stream, which is read from its end. xz file format §2.
//
//   stream header | blocks | index | stream footer
//
// A file may also have several streams, and zeros between and behind them. No program that makes images writes such
// files, and decoders in the field stop after the first stream, or refuse them: so they are refused here.
import type { ByteSource } from "@bootstamp/byte-source";
import { type BlockRecord, maxIndexLength, paddedLength, parseIndex } from "./container/block-index.ts";
import type { Check } from "./container/check.ts";
import { isXz, readStreamFooter, readStreamHeader, streamEndLength } from "./container/stream-ends.ts";
import { inconsistent, missing } from "./map-fault.ts";

/** A block, by the index. */
export interface BlockPlace extends BlockRecord {
  readonly packedOffset: number;
}

export interface Stream {
  /** Of every block. */
  readonly check: Check;
  readonly blocks: Iterable<BlockPlace>;
  /** Where the blocks end in the file. */
  readonly indexOffset: number;
}

/**
 * Reads where the blocks of a file are: header, footer and index, and nothing of the blocks.
 * @throws MapError `MAP_NOT_THIS_FORMAT`, `MAP_DAMAGED`, `MAP_INCONSISTENT`, `MAP_VERSION`, `MAP_MISSING`.
 */
export async function readStream(packed: ByteSource): Promise<Stream> {
  const check = await readStreamHeader(packed);
  const end = packed.length;
  if (end < 2 * streamEndLength || end % 4 !== 0) {
    throw inconsistent(`no stream ends at offset ${end}: it was cut or extended`);
  }
  const footer = await readStreamFooter(packed, end);
  const indexOffset = end - streamEndLength - footer.indexLength;
  if (indexOffset < streamEndLength) {
    throw inconsistent(
      `an index of ${footer.indexLength} bytes cannot end at offset ${end - streamEndLength}`,
    );
  }
  if (footer.indexLength > maxIndexLength) {
    throw missing(`its index has ${footer.indexLength} bytes, more than ${maxIndexLength}`);
  }
  const blocksLength = indexOffset - streamEndLength;
  const index = await packed.read(indexOffset, footer.indexLength);
  const blocks = { [Symbol.iterator]: () => placeBlocks(parseIndex(index, blocksLength)) };
  await checkStart(packed, indexOffset, blocks);
  if (footer.check !== check) {
    throw inconsistent(`its header says check ${check.name}, its footer ${footer.check.name}`);
  }
  return { check, blocks, indexOffset };
}

function* placeBlocks(records: Iterable<BlockRecord>): Generator<BlockPlace> {
  let packedOffset = streamEndLength;
  for (const { unpaddedLength, rawLength } of records) {
    yield { unpaddedLength, rawLength, packedOffset };
    packedOffset += paddedLength(unpaddedLength);
  }
}

/**
 * Reads the whole index, and throws unless it is good and the blocks begin behind the header of the file, and not behind
 * that of a later stream in it.
 */
async function checkStart(
  packed: ByteSource,
  indexOffset: number,
  blocks: Iterable<BlockPlace>,
): Promise<void> {
  let blocksEnd = streamEndLength;
  for (const { packedOffset, unpaddedLength } of blocks) {
    blocksEnd = packedOffset + paddedLength(unpaddedLength);
  }
  const surplus = indexOffset - blocksEnd;
  if (surplus === 0) return;
  if (surplus < 0)
    throw inconsistent(`the blocks come to ${-surplus} bytes more than there are before the index`);
  if (isXz(await packed.read(surplus, streamEndLength))) {
    throw missing("it has several streams, and one alone is read");
  }
  throw inconsistent(`there are ${surplus} bytes before the index that belong to no block`);
}
