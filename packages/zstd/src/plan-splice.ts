import { type Segment, type SegmentMap, settingsOfEngine, type SplicePlan } from "@bootstamp/segment-map";
import { maxFrameLength } from "./layout.ts";
import { segmentLengthOf, settle } from "./settings.ts";

/**
 * See {@link StreamFormat.planSplice}. The level is that of the record, the default where there is none. A frame stays
 * one, unless it is longer than any of ours.
 */
export async function planSplice(map: SegmentMap, segments: readonly Segment[]): Promise<SplicePlan> {
  const settings = settingsOfEngine(map.engine, settle);
  const cutLength = ({ rawLength }: Segment): number =>
    rawLength <= maxFrameLength ? rawLength : segmentLengthOf(settings);
  return {
    settings,
    largestPiece: segments.reduce((most, segment) => Math.max(most, cutLength(segment)), 0),
    pieceLength: cutLength,
  };
}
