import type { SyncByteSource } from "@bootstamp/byte-source";

/** A source of zeros but for some pieces, however long it is. */
export function pieceSource(
  length: number,
  pieces: readonly { readonly offset: number; readonly bytes: Uint8Array }[],
): SyncByteSource {
  return {
    length,
    readSync: (offset, target) => {
      if (offset < 0 || offset + target.length > length) throw new RangeError(`${offset}: outside`);
      target.fill(0);
      for (const piece of pieces) {
        const from = Math.max(offset, piece.offset);
        const to = Math.min(offset + target.length, piece.offset + piece.bytes.length);
        if (from < to)
          target.set(piece.bytes.subarray(from - piece.offset, to - piece.offset), from - offset);
      }
    },
  };
}
