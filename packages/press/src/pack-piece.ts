import type { EncodedPiece, Piece, PieceEncoder } from "@bootstamp/segment-map";

/** Packs one piece as it is to be: stored, or else as zeros if `raw` is nothing but zeros, or compressed. */
export function packPiece(
  encoder: PieceEncoder,
  piece: Piece,
  raw: Uint8Array,
  zero: boolean,
): EncodedPiece | Promise<EncodedPiece> {
  if (piece.stored) return encoder.store(raw);
  return zero ? encoder.zeros(raw.length) : encoder.compress(raw);
}
