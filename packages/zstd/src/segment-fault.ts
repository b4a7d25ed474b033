import { MapError, type Segment } from "@bootstamp/segment-map";

/** Where a segment is. */
export type Place = Pick<Segment, "rawOffset" | "packedOffset">;

/** The fault of a segment that is not what the map says of it. */
export function segmentFault({ rawOffset, packedOffset }: Place, detail: string, cause?: unknown): MapError {
  return new MapError(
    "MAP_SEGMENT_DAMAGED",
    `the segment at raw offset ${rawOffset}, packed offset ${packedOffset}, does not decode: ${detail}`,
    { rawOffset, packedOffset },
    { cause },
  );
}
