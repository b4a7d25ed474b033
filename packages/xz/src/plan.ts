// How an image is cut into blocks.
//
//   image    | run, compressed      | stored extent | run, compressed | ...
//   blocks   | S    | S    | rest   | T | T | rest  | S     | rest    |
//
// S is the settings' segment length. T is 1 MiB: so that what a stamp touches is checked by decoding little, and a
// SHA-256 of it computed anew from little; longer only where an image would get too many blocks.
import {
  checkStorable,
  cutEvery,
  type EncodeSettings,
  type Extent,
  joinExtents,
  MapError,
  type Piece,
  rawRuns,
  type StreamPlan,
} from "@bootstamp/segment-map";
import { maxBlockCount } from "./container/block-index.ts";
import { streamEndLength } from "./container/stream-ends.ts";
import { segmentLengthOf } from "./settings.ts";

const mebibyte = 2 ** 20;
const longestStored = 16 * mebibyte;

interface Layout {
  readonly rawLength: number;
  /** Sorted and apart. */
  readonly stored: readonly Extent[];
  readonly segmentLength: number;
  readonly storedLength: number;
}

/** See {@link StreamFormat.plan}. Stores what is asked for, and nothing else. */
export function planStream(
  rawLength: number,
  stored: readonly Extent[],
  settings: EncodeSettings,
): StreamPlan {
  checkStorable(rawLength, stored);
  const layout = chooseLayout(rawLength, joinExtents(stored), segmentLengthOf(settings));
  return {
    rawLength,
    stored: layout.stored,
    headLength: streamEndLength,
    pieceCount: countPieces(layout),
    largestPiece: Math.min(rawLength, Math.max(layout.segmentLength, layout.storedLength)),
    pieces: () => pieces(layout),
  };
}

/** The shortest stored blocks that there can be enough of. @throws MapError `MAP_TOO_LARGE`. */
function chooseLayout(rawLength: number, stored: readonly Extent[], segmentLength: number): Layout {
  for (let storedLength = mebibyte; storedLength <= longestStored; storedLength *= 2) {
    const layout = { rawLength, stored, segmentLength, storedLength };
    if (countPieces(layout) <= maxBlockCount) return layout;
  }
  throw new MapError(
    "MAP_TOO_LARGE",
    `an image of ${rawLength} bytes in ${stored.length} stored extents has more than ${maxBlockCount} blocks`,
    { rawLength, extents: stored.length },
  );
}

function* pieces(layout: Layout): Generator<Piece> {
  for (const run of rawRuns(layout.rawLength, layout.stored)) {
    yield* cutEvery(run, pieceLength(layout, run.stored));
  }
}

function countPieces(layout: Layout): number {
  let count = 0;
  for (const run of rawRuns(layout.rawLength, layout.stored)) {
    count += Math.ceil(run.rawLength / pieceLength(layout, run.stored));
  }
  return count;
}

function pieceLength(layout: Layout, stored: boolean): number {
  return stored ? layout.storedLength : layout.segmentLength;
}
