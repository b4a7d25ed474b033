import { type Extent, extentEnd } from "./extent.ts";
import { type Segment, segmentIndexAt, type SegmentMap } from "./segment-map.ts";

/**
 * The segments that extents, sorted and apart, lie in, each once, in order. `RangeError` unless all of them are stored.
 */
export function* storedSegmentsIn(map: SegmentMap, extents: readonly Extent[]): Generator<Segment> {
  let done = 0;
  for (const extent of extents) {
    for (let at = Math.max(extent.offset, done); at < extentEnd(extent);) {
      const segment = map.segments[segmentIndexAt(map, at)];
      if (segment?.kind !== "stored") throw new RangeError(`nothing is stored at raw offset ${at}`);
      yield segment;
      at = done = segment.rawOffset + segment.rawLength;
    }
  }
}
