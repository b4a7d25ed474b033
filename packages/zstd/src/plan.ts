import {
  checkStorable,
  type EncodeSettings,
  type Extent,
  joinExtents,
  MapError,
  type StreamPlan,
} from "@bootstamp/segment-map";
import {
  countFrames,
  type FrameLengths,
  type Layout,
  maxFrameCount,
  maxFrameLength,
  pieces,
} from "./layout.ts";
import { segmentLengthOf } from "./settings.ts";

/**
 * One block. A patch has all stored frames that it touches read and digested, since XXH64 cannot be patched as a CRC
 * can; and shorter ones would cost more than 28 bytes in 128 KiB of framing and seek table.
 */
const storedFrameLength: number = 128 << 10;
/** With more frames than this, seek table and map are a burden even to who only wants to read a little. */
const manyFrames: number = 1 << 18;

/** See {@link StreamFormat.plan}. Stores what is asked for, and nothing else. */
export function planStream(
  rawLength: number,
  stored: readonly Extent[],
  settings: EncodeSettings,
): StreamPlan {
  checkStorable(rawLength, stored);
  const layout = chooseLayout(rawLength, joinExtents(stored), segmentLengthOf(settings));
  const { frameLengths } = layout;
  const counts = countFrames(layout);
  return {
    rawLength,
    stored: layout.stored,
    headLength: 0,
    pieceCount: counts.compressed + counts.stored,
    largestPiece: Math.min(Math.max(frameLengths.compressed, frameLengths.stored), rawLength),
    pieces: () => pieces(layout),
  };
}

/**
 * Lets frames grow until there are few enough of them, always those of which there are more: one large stored frame
 * would make every stamp slow. @throws MapError `MAP_TOO_LARGE`.
 */
function chooseLayout(rawLength: number, stored: readonly Extent[], segmentLength: number): Layout {
  let frameLengths: FrameLengths = { compressed: segmentLength, stored: storedFrameLength };
  for (;;) {
    const layout = { rawLength, stored, frameLengths };
    const counts = countFrames(layout);
    const total = counts.compressed + counts.stored;
    const most = counts.compressed < counts.stored ? "stored" : "compressed";
    const longest = frameLengths[most] === maxFrameLength;
    if (total <= manyFrames || (longest && total <= maxFrameCount)) return layout;
    if (longest) throw tooLarge(rawLength, stored, total);
    frameLengths = grown(frameLengths, most);
  }
}

function grown(lengths: FrameLengths, kind: keyof FrameLengths): FrameLengths {
  return { ...lengths, [kind]: Math.min(2 * lengths[kind], maxFrameLength) };
}

function tooLarge(rawLength: number, stored: readonly Extent[], frameCount: number): MapError {
  return new MapError(
    "MAP_TOO_LARGE",
    `an image of ${rawLength} bytes in ${stored.length} stored extents comes to ${frameCount} zstd frames, more than ${maxFrameCount}`,
    { rawLength, extents: stored.length },
  );
}
