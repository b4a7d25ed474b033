import { MapError } from "./map-error.ts";
import type { Segment } from "./segment-map.ts";

/** Where a segment is. */
export type SegmentPlace = Pick<Segment, "rawOffset" | "packedOffset">;

/** The fault `MAP_SEGMENT_DAMAGED` of a segment that is not what the map says of it. */
export function segmentFault(
  { rawOffset, packedOffset }: SegmentPlace,
  detail: string,
  cause?: unknown,
): MapError {
  return new MapError(
    "MAP_SEGMENT_DAMAGED",
    `the segment at raw offset ${rawOffset}, packed offset ${packedOffset}, does not decode: ${detail}`,
    { rawOffset, packedOffset },
    { cause },
  );
}
