import type { EncodedPiece } from "@bootstamp/segment-map";
import type { BlockNote } from "./block.ts";
import { extendBlockHeader } from "./container/block-header.ts";

/**
 * See {@link StreamFormat.pad}. Zeros in the block's header before its CRC-32, where every decoder has to take them: xz
 * file format §3.1.6. There is room for about 1,000.
 */
export function pad(
  piece: EncodedPiece<BlockNote>,
  packedLength: number,
): EncodedPiece<BlockNote> | undefined {
  const surplus = packedLength - piece.bytes.length;
  if (surplus === 0) return piece;
  const bytes = extendBlockHeader(piece.bytes, surplus);
  if (bytes === undefined) return undefined;
  return { ...piece, bytes, note: { unpaddedLength: piece.note.unpaddedLength + surplus } };
}
