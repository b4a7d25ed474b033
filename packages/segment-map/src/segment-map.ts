import type { Extent } from "./extent.ts";
import { joinExtents } from "./extent.ts";
import { MapError } from "./map-error.ts";

/** How a segment's raw bytes stand in the compressed file. A zero segment is a compressed one that holds zeros only. */
export type SegmentKind = "stored" | "compressed" | "zero";

/** An independently decodable run of the compressed stream. Offsets and lengths in bytes. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly rawOffset: number;
  readonly rawLength: number;
  readonly packedOffset: number;
  readonly packedLength: number;
  /** For the segment's own format alone: where its checksum is, or a part of it; absent where it keeps nothing. */
  readonly formatNote?: number;
}

/** What tells one base image from another: the length and CRC-32 of its raw bytes. */
export interface BaseIdentity {
  readonly rawLength: number;
  readonly rawCrc32: number;
}

/** What a map says of the file as a whole: enough to decode segments that are at hand, in another thread for one. */
export interface MapHead {
  /** {@link StreamFormat.name} of the format that it was read from. */
  readonly format: string;
  readonly rawLength: number;
  readonly packedLength: number;
  /** The base that the file was pressed from, which a stamp does not change; absent where the format cannot say. */
  readonly base: BaseIdentity | undefined;
  /** CRC-32 of the raw bytes as the file now claims them; absent where the format keeps no such value. */
  readonly rawCrc32: number | undefined;
  /** Set where {@link rawCrc32} alone vouches for stored segments, and each of the others has a check of its own. */
  readonly storedUnchecked?: true;
  /** Name, version and level of the engine that compressed the file, as the file says; absent where it does not. */
  readonly engine: string | undefined;
}

/** All segments of one compressed file, in order, without gaps on the raw side. */
export interface SegmentMap extends MapHead {
  readonly segments: readonly Segment[];
}

/** A map without its segments, of which there may be a million. */
export function headOfMap({ segments: _segments, ...head }: SegmentMap): MapHead {
  return head;
}

/** Index of the segment that holds `rawOffset`, by binary search. `RangeError` outside `0..rawLength`. */
export function segmentIndexAt(map: SegmentMap, rawOffset: number): number {
  if (!(rawOffset >= 0 && rawOffset < map.rawLength)) {
    throw new RangeError(`offset ${rawOffset} lies outside the image of ${map.rawLength} bytes`);
  }
  let low = 0;
  let high = map.segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((map.segments[middle]?.rawOffset ?? Infinity) <= rawOffset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The raw extents that can be patched in place, neighbours joined. */
export function storedExtents(map: SegmentMap): Extent[] {
  const stored = map.segments.filter(({ kind }) => kind === "stored");
  return joinExtents(stored.map(({ rawOffset, rawLength }) => ({ offset: rawOffset, length: rawLength })));
}

/**
 * Throws `MAP_INCONSISTENT` unless the segments follow one another on the raw side from 0 to `rawLength`, lie in order
 * and apart on the packed side inside `packedLength`, and none is empty.
 */
export function checkSegmentMap(map: SegmentMap): void {
  let rawEnd = 0;
  let packedEnd = 0;
  for (const segment of map.segments) {
    const fits =
      segment.rawOffset === rawEnd &&
      segment.rawLength > 0 &&
      segment.packedOffset >= packedEnd &&
      segment.packedLength > 0;
    if (!fits)
      throw inconsistent(`segment at raw offset ${segment.rawOffset} does not follow offset ${rawEnd}`);
    rawEnd += segment.rawLength;
    packedEnd = segment.packedOffset + segment.packedLength;
  }
  if (rawEnd !== map.rawLength)
    throw inconsistent(`segments end at raw offset ${rawEnd}, expected ${map.rawLength}`);
  if (packedEnd > map.packedLength) {
    throw inconsistent(`segments end at packed offset ${packedEnd}, the file has ${map.packedLength} bytes`);
  }
}

function inconsistent(detail: string): MapError {
  return new MapError("MAP_INCONSISTENT", `segment map does not fit the file: ${detail}`);
}
