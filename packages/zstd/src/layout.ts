// How an image is cut up. Every cut is one piece, one segment and one frame.
//
//   image   | run, compressed      | stored extent   | run, compressed | ...
//   frame   | S    | S    | rest   | T | T | T | rest| S     | rest    |
//
// S is the settings' segment length, T 128 KiB; either longer, up to 16 MiB, where an image would get too many frames.
import { cutEvery, type Extent, type Piece, rawRuns } from "@bootstamp/segment-map";

/** The longest frame of ours: it has to fit into memory some times. */
export const maxFrameLength: number = 16 << 20;
/** So many that 32 TiB have room, and few enough to be held in memory. */
export const maxFrameCount: number = 1 << 21;

/** How long frames are, but for the last one of a run. */
export interface FrameLengths {
  readonly compressed: number;
  readonly stored: number;
}

export interface FrameCounts {
  readonly compressed: number;
  readonly stored: number;
}

export interface Layout {
  readonly rawLength: number;
  /** Sorted and apart, whole blocks. */
  readonly stored: readonly Extent[];
  readonly frameLengths: FrameLengths;
}

export function* pieces(layout: Layout): Generator<Piece> {
  for (const run of rawRuns(layout.rawLength, layout.stored)) yield* cutEvery(run, frameLength(layout, run));
}

/** How many frames of either kind there are. */
export function countFrames(layout: Layout): FrameCounts {
  const counts = { compressed: 0, stored: 0 };
  for (const run of rawRuns(layout.rawLength, layout.stored)) {
    counts[run.stored ? "stored" : "compressed"] += Math.ceil(run.rawLength / frameLength(layout, run));
  }
  return counts;
}

function frameLength({ frameLengths }: Layout, { stored }: Piece): number {
  return stored ? frameLengths.stored : frameLengths.compressed;
}
