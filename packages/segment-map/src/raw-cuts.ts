import { type Extent, extentEnd } from "./extent.ts";
import type { Piece } from "./stream-format.ts";

/** What may be stored is whole blocks of this length, but for an extent that ends with the image. */
export const storableBlockLength = 4096;

/** The image as stored extents, which are sorted and apart, and what lies between them. */
export function* rawRuns(rawLength: number, stored: readonly Extent[]): Generator<Piece> {
  let end = 0;
  for (const extent of stored) {
    if (extent.offset > end) yield { rawOffset: end, rawLength: extent.offset - end, stored: false };
    yield { rawOffset: extent.offset, rawLength: extent.length, stored: true };
    end = extentEnd(extent);
  }
  if (end < rawLength) yield { rawOffset: end, rawLength: rawLength - end, stored: false };
}

/** A run cut every `length` bytes from its beginning; the last part may be shorter. */
export function* cutEvery(run: Piece, length: number): Generator<Piece> {
  const end = run.rawOffset + run.rawLength;
  for (let rawOffset = run.rawOffset; rawOffset < end; rawOffset += length) {
    yield { rawOffset, rawLength: Math.min(length, end - rawOffset), stored: run.stored };
  }
}

/**
 * Throws `RangeError` unless `rawLength` is a length, and `stored` are whole blocks of it
 * ({@link storableBlockLength}), sorted and apart.
 */
export function checkStorable(rawLength: number, stored: readonly Extent[]): void {
  if (!Number.isSafeInteger(rawLength) || rawLength < 0) throw new RangeError(`no length: ${rawLength}`);
  let end = 0;
  for (const { offset, length } of stored) {
    const stop = offset + length;
    const whole =
      offset % storableBlockLength === 0 && (length % storableBlockLength === 0 || stop === rawLength);
    if (!whole || offset < end || length < 0 || stop > rawLength) {
      throw new RangeError(`cannot store ${length} bytes at ${offset}: not whole blocks in order`);
    }
    end = stop;
  }
}
