// How an image is cut up: the one rule that plan, frame and map share, so that the map need not repeat it.
//
//   image    | run, compressed      | stored extent | run, compressed | ...
//   segment  | S    | S    | rest   | one           | S     | rest    |        S the segment length, a power of two
//   piece    |1M|1M| |1M|1M| |1M|   |1M|1M|1M|1M|...                           1 MiB each, the rest of a segment less
import { type Extent, extentEnd, type Piece } from "@bootstamp/segment-map";

/** A piece is small enough that some can be in memory at once, and large enough to compress as well as a whole. */
export const pieceLength: number = 1 << 20;
/** Stored extents are whole blocks of this length, but for one that ends with the image. */
export const blockLength = 4096;
/** 128 TiB: so that every number of a map is safe, twice a packed length included. */
export const maxRawLength: number = 2 ** 47;

export interface Layout {
  readonly rawLength: number;
  /** Sorted and apart, whole blocks. */
  readonly stored: readonly Extent[];
  /** Of segments that are not stored; the last one of a run may be shorter. A power of two from 1 MiB. */
  readonly segmentLength: number;
}

/** A range of the raw image of which all or nothing is stored. */
export interface Cut {
  readonly rawOffset: number;
  readonly rawLength: number;
  readonly stored: boolean;
}

/** The image as stored extents and what lies between them. */
export function* runs({ rawLength, stored }: Layout): Generator<Cut> {
  let end = 0;
  for (const extent of stored) {
    if (extent.offset > end) yield { rawOffset: end, rawLength: extent.offset - end, stored: false };
    yield { rawOffset: extent.offset, rawLength: extent.length, stored: true };
    end = extentEnd(extent);
  }
  if (end < rawLength) yield { rawOffset: end, rawLength: rawLength - end, stored: false };
}

/** The segments. */
export function* segmentCuts(layout: Layout): Generator<Cut> {
  for (const run of runs(layout)) {
    if (run.stored) yield run;
    else yield* cutEvery(run, layout.segmentLength);
  }
}

/** The pieces; no piece lies in two segments. */
export function* pieces(layout: Layout): Generator<Piece> {
  for (const run of runs(layout)) yield* cutEvery(run, pieceLength);
}

/** How many parts the runs that are stored, or those that are not, come to when each is cut every `every` bytes. */
export function countCuts(layout: Layout, every: number, stored: boolean): number {
  let count = 0;
  for (const run of runs(layout)) if (run.stored === stored) count += Math.ceil(run.rawLength / every);
  return count;
}

function* cutEvery(run: Cut, length: number): Generator<Cut> {
  const end = run.rawOffset + run.rawLength;
  for (let rawOffset = run.rawOffset; rawOffset < end; rawOffset += length) {
    yield { rawOffset, rawLength: Math.min(length, end - rawOffset), stored: run.stored };
  }
}
