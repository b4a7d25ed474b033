import type { ByteSource } from "@bootstamp/byte-source";
import type { Segment, SegmentMap, SplicePlan } from "@bootstamp/segment-map";
import { readStreamHeader } from "./container/stream-ends.ts";
import { longestSegment, segmentLengthOf, settle } from "./settings.ts";

/**
 * See {@link StreamFormat.planSplice}. The file does not say what it was packed with: the default engine and level are
 * taken, and the check that its other blocks have. A block stays one, unless it is longer than any of ours: programs that
 * use one thread make one block of a whole image, which becomes several that can be replaced one by one the next time.
 */
export async function planSplice(
  _map: SegmentMap,
  segments: readonly Segment[],
  packed: ByteSource,
): Promise<SplicePlan> {
  const { name: check } = await readStreamHeader(packed);
  const settings = { ...settle({}), check };
  const cutLength = ({ rawLength }: Segment): number =>
    rawLength <= longestSegment ? rawLength : segmentLengthOf(settings);
  return {
    settings,
    largestPiece: segments.reduce((most, segment) => Math.max(most, cutLength(segment)), 0),
    pieceLength: cutLength,
  };
}
