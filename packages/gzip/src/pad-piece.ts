// Padding with empty deflate blocks, which zlib's own flushes make too. RFC 1951 §3.2.4, §3.2.6.
//
//   5 bytes   00 | 00 00 FF FF                a stored block of nothing, from a byte boundary
//   6 bytes   empty fixed block (10 bits: 0, 01, 0000000), then a stored block of nothing to the next byte
//   7 bytes   two fixed ones, then a stored one
//
// So any number of bytes can be had but 1 to 4, 8 and 9.
import type { EncodedPiece } from "@bootstamp/segment-map";

const byFixedBlocks: readonly Uint8Array[] = [0, 1, 2].map(padding);
const shortest = 5;

/** See {@link StreamFormat.pad}. Empty blocks behind the piece's own. */
export function pad(
  piece: EncodedPiece<undefined>,
  packedLength: number,
): EncodedPiece<undefined> | undefined {
  const surplus = packedLength - piece.bytes.length;
  if (surplus === 0) return piece;
  const blocks = Math.floor(surplus / shortest);
  // Those that are a byte or two longer make up for what 5 does not divide.
  let rest = surplus - blocks * shortest;
  if (surplus < 0 || rest > 2 * blocks) return undefined;
  const bytes = new Uint8Array(packedLength);
  bytes.set(piece.bytes);
  for (let at = piece.bytes.length; at < packedLength;) {
    const fixed = Math.min(rest, 2);
    bytes.set(byFixedBlocks[fixed] ?? [], at);
    at += shortest + fixed;
    rest -= fixed;
  }
  return { ...piece, bytes };
}

/** `fixed` fixed blocks of nothing, each 10 bits of which the second is set, and a stored one. */
function padding(fixed: number): Uint8Array {
  const lengthOffset = Math.ceil((fixed * 10 + 3) / 8);
  const bytes = new Uint8Array(lengthOffset + 4);
  for (let block = 0; block < fixed; block++) {
    const bit = block * 10 + 1;
    bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }
  bytes.set([0x00, 0x00, 0xff, 0xff], lengthOffset);
  return bytes;
}
