import type { ByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  type Extent,
  extentEnd,
  type SegmentMap,
  storedSegmentsIn,
  type StreamFormat,
} from "@bootstamp/segment-map";

/** Stored bytes are kept count of by the parts of extents that lie between multiples of this. */
const unitLength = 65_536;

/** Where the unit begins, in an extent, that holds the raw byte at `offset`. */
export function unitStart(extent: Extent, offset: number): number {
  return Math.max(extent.offset, offset - (offset % unitLength));
}

/** The units of an extent that `from..to` touches. */
export function* unitsWithin(extent: Extent, from: number, to: number): Generator<Extent> {
  for (let at = unitStart(extent, from); at < Math.min(to, extentEnd(extent));) {
    const end = Math.min(at - (at % unitLength) + unitLength, extentEnd(extent));
    yield { offset: at, length: end - at };
    at = end;
  }
}

/** All units of extents, in order. */
export function* unitsOf(extents: readonly Extent[]): Generator<Extent> {
  for (const extent of extents) yield* unitsWithin(extent, extent.offset, extentEnd(extent));
}

/** A file whose stored bytes can be reached where they stand. */
export interface StoredFile {
  readonly format: StreamFormat;
  readonly map: SegmentMap;
  readonly packed: ByteSource;
}

/** A raw range that lies in one stored segment. */
interface SegmentRange {
  readonly segment: SegmentMap["segments"][number];
  readonly from: number;
  readonly to: number;
}

function* rangesOf(map: SegmentMap, extent: Extent): Generator<SegmentRange> {
  for (const segment of storedSegmentsIn(map, [extent])) {
    const from = Math.max(segment.rawOffset, extent.offset);
    const to = Math.min(segment.rawOffset + segment.rawLength, extentEnd(extent));
    yield { segment, from, to };
  }
}

/** CRC-32 of the raw bytes of an extent, all of them stored. */
export async function crcOfStored({ format, map, packed }: StoredFile, extent: Extent): Promise<number> {
  let crc = crc32.empty;
  for (const { segment, from, to } of rangesOf(map, extent)) {
    crc = crc32.of(await format.readStored(map, segment, packed, from, to - from), crc);
  }
  return crc;
}

/** Where the raw bytes of an extent, all of them stored, stand in the file, in the order of the raw bytes. */
export async function locateExtent(
  { format, map, packed }: StoredFile,
  extent: Extent,
): Promise<readonly Extent[]> {
  const runs: Extent[] = [];
  for (const { segment, from, to } of rangesOf(map, extent)) {
    runs.push(...(await format.locateStored(map, segment, packed, from, to - from)));
  }
  return runs;
}

/** CRC-32 of an image of `rawLength` bytes in which an extent with one CRC-32 is exchanged for another. */
export function crcWith(
  whole: number,
  rawLength: number,
  extent: Extent,
  { before, after }: { readonly before: number; readonly after: number },
): number {
  return crc32.patch(whole, before, after, rawLength - extentEnd(extent));
}
