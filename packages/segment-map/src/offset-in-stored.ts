import type { Segment } from "./segment-map.ts";

/**
 * Where `rawOffset` is from the beginning of a segment. `RangeError` unless `length` bytes from there are all in it,
 * and it is stored.
 */
export function offsetInStored(segment: Segment, rawOffset: number, length: number): number {
  const offset = rawOffset - segment.rawOffset;
  if (segment.kind === "stored" && offset >= 0 && length >= 0 && offset + length <= segment.rawLength)
    return offset;
  throw new RangeError(`not inside a stored segment: ${length} bytes at raw offset ${rawOffset}`);
}
