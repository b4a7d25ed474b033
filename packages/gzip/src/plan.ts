import {
  checkStorable,
  type EncodeSettings,
  type Extent,
  joinExtents,
  MapError,
  storableBlockLength,
  type StreamPlan,
  describeEngine,
} from "@bootstamp/segment-map";
import { headerLength, maxPayloadLength } from "./header.ts";
import { countCuts, type Layout, maxRawLength, pieceLength, pieces } from "./layout.ts";
import { encodeExtents, payloadLength } from "./map-payload.ts";

/**
 * What the stored extents may take of the map, with an entry for a segment after each: half, so that one image's
 * scattered edits never make the segments of the rest much coarser.
 */
const extentShare: number = maxPayloadLength / 2;
/** The longest that an entry gets. */
const maxEntryLength = 8;

/** See {@link StreamFormat.plan}. */
export function planStream(
  rawLength: number,
  stored: readonly Extent[],
  settings: EncodeSettings,
): StreamPlan {
  const layout = planLayout(rawLength, stored, settings);
  return {
    rawLength,
    stored: layout.stored,
    headLength: headerLength + payloadLength(layout, describeEngine(settings)),
    pieceCount: countCuts(layout, pieceLength, true) + countCuts(layout, pieceLength, false),
    largestPiece: Math.min(pieceLength, rawLength),
    pieces: () => pieces(layout),
  };
}

/** The layout of a plan; also that of the plan that it led to, whose extents fit already. */
export function planLayout(rawLength: number, stored: readonly Extent[], settings: EncodeSettings): Layout {
  checkRequest(rawLength, stored);
  const joined = joinToFit(stored);
  const engine = describeEngine(settings);
  for (let segmentLength = pieceLength; ; segmentLength *= 2) {
    const layout = { rawLength, stored: joined, segmentLength };
    if (payloadLength(layout, engine) <= maxPayloadLength) return layout;
  }
}

/**
 * Joins extents over ever larger gaps until the map has room for them. Not before that: bytes that are stored for
 * nothing cost more than the ten or twenty bytes of framing and map between two extents, whatever lies there.
 */
function joinToFit(stored: readonly Extent[]): Extent[] {
  let gap = 0;
  let joined = joinExtents(stored);
  while (encodeExtents(joined).length + (joined.length + 1) * maxEntryLength > extentShare) {
    gap = Math.max(gap * 2, storableBlockLength);
    joined = joinExtents(joined, gap);
  }
  return joined;
}

function checkRequest(rawLength: number, stored: readonly Extent[]): void {
  checkStorable(rawLength, stored);
  if (rawLength <= maxRawLength) return;
  throw new MapError(
    "MAP_TOO_LARGE",
    `the gzip map holds images up to ${maxRawLength} bytes, not ${rawLength}`,
    { rawLength, maxRawLength },
  );
}
