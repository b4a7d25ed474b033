import { MapError, type Segment } from "@bootstamp/segment-map";

/** The fault of a segment that is not what the map says of it. */
export function segmentFault(
  { rawOffset, packedOffset }: Segment,
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
