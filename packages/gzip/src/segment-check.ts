import type { Segment } from "@bootstamp/segment-map";
import { segmentFault } from "@bootstamp/segment-map";

/**
 * Bytes of it that an entry of the map has. Few, for the map is small and segments grow with its entries; and it only
 * says where damage is. Whether there is any, the CRC-32 of the whole says.
 */
export const checkLength = 2;

/** What the map keeps of a segment that is not stored: the lowest 16 bits of the CRC-32 of its raw bytes. */
export function checkOf(rawCrc32: number): number {
  return rawCrc32 & 0xffff;
}

/** Throws `MAP_SEGMENT_DAMAGED` unless the raw bytes of `segment`, of this CRC-32, are those that were compressed. */
export function compareCheck(segment: Segment, rawCrc32: number): void {
  const got = checkOf(rawCrc32);
  if ((segment.formatNote ?? got) === got) return;
  throw segmentFault(
    segment,
    `it comes to bytes of CRC-32 ..${hex(got)}, the map says ..${hex(segment.formatNote ?? 0)}`,
  );
}

function hex(check: number): string {
  return check.toString(16).padStart(2 * checkLength, "0");
}
