import type { ByteSource } from "@bootstamp/byte-source";
import { MapError } from "./map-error.ts";
import type { SegmentMap } from "./segment-map.ts";

/** Throws `MAP_INCONSISTENT` unless a file has the length of the one that the map was read from. */
export function checkSameFile({ format, packedLength }: SegmentMap, packed: ByteSource): void {
  if (packed.length === packedLength) return;
  throw new MapError(
    "MAP_INCONSISTENT",
    `the ${format} map was read from ${packedLength} bytes, now there are ${packed.length}`,
  );
}
