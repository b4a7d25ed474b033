// How an image is cut up: the one rule that plan, frame and map share, so that the map need not repeat it.
//
//   image    | run, compressed      | stored extent | run, compressed | ...
//   segment  | S    | S    | rest   | one           | S     | rest    |        S the segment length, a power of two
//   piece    |1M|1M| |1M|1M| |1M|   |1M|1M|1M|1M|...                           1 MiB each, the rest of a segment less
import { cutEvery, type Extent, type Piece, rawRuns } from "@bootstamp/segment-map";

/** A piece is small enough that some can be in memory at once, and large enough to compress as well as a whole. */
export const pieceLength: number = 1 << 20;
/** 128 TiB: so that every number of a map is safe, twice a packed length included. */
export const maxRawLength: number = 2 ** 47;

export interface Layout {
  readonly rawLength: number;
  /** Sorted and apart, whole blocks. */
  readonly stored: readonly Extent[];
  /** Of segments that are not stored; the last one of a run may be shorter. A power of two from 1 MiB. */
  readonly segmentLength: number;
}

/** The segments. */
export function* segmentCuts({ rawLength, stored, segmentLength }: Layout): Generator<Piece> {
  for (const run of rawRuns(rawLength, stored)) {
    if (run.stored) yield run;
    else yield* cutEvery(run, segmentLength);
  }
}

/** The pieces; no piece lies in two segments. */
export function* pieces({ rawLength, stored }: Layout): Generator<Piece> {
  for (const run of rawRuns(rawLength, stored)) yield* cutEvery(run, pieceLength);
}

/** How many parts the runs that are stored, or those that are not, come to when each is cut every `every` bytes. */
export function countCuts({ rawLength, stored }: Layout, every: number, ofStored: boolean): number {
  let count = 0;
  for (const run of rawRuns(rawLength, stored)) {
    if (run.stored === ofStored) count += Math.ceil(run.rawLength / every);
  }
  return count;
}
