import { type Segment, type SegmentMap, settingsOfEngine, type SplicePlan } from "@bootstamp/segment-map";
import { settle } from "./engines.ts";
import { pieceLength } from "./layout.ts";

/**
 * See {@link StreamFormat.planSplice}. Engine and level are those that the map names, in the version that is here; the
 * defaults where they are none that this program has. A segment stays one, cut as the writer cuts it.
 */
export async function planSplice(map: SegmentMap, segments: readonly Segment[]): Promise<SplicePlan> {
  const longest = segments.reduce((most, { rawLength }) => Math.max(most, rawLength), 0);
  return {
    settings: settingsOfEngine(map.engine, settle),
    largestPiece: Math.min(pieceLength, longest),
    pieceLength: () => pieceLength,
  };
}
