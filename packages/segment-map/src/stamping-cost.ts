import type { Extent } from "./extent.ts";
import { extentEnd } from "./extent.ts";
import { type Segment, segmentIndexAt, type SegmentMap } from "./segment-map.ts";

/** What stamping a patch costs in one file, beside making the file. All zero where it is patched in place. */
export interface StampingCost {
  /** Segments that are not stored: they are decoded, patched and packed anew. */
  readonly segments: number;
  readonly rawBytes: number;
  /** What these segments have in the file now, which is about what they come to again. */
  readonly packedBytes: number;
  /** Bytes of the file behind the first of them, which move where its length does not stay. */
  readonly movedBytes: number;
}

/** What it costs to stamp a patch that covers `extents`, which are in order and inside the image. Reads nothing. */
export function stampingCost(map: SegmentMap, extents: readonly Extent[]): StampingCost {
  const packedAnew = new Set<Segment>();
  for (const extent of extents) {
    for (let at = extent.offset; at < extentEnd(extent);) {
      const segment = map.segments[segmentIndexAt(map, at)];
      if (segment === undefined) throw new Error(`internal error: no segment at ${at}`);
      if (segment.kind !== "stored") packedAnew.add(segment);
      at = segment.rawOffset + segment.rawLength;
    }
  }
  const [first] = packedAnew;
  const segments = [...packedAnew];
  return {
    segments: segments.length,
    rawBytes: segments.reduce((sum, { rawLength }) => sum + rawLength, 0),
    packedBytes: segments.reduce((sum, { packedLength }) => sum + packedLength, 0),
    movedBytes: first === undefined ? 0 : map.packedLength - first.packedOffset - first.packedLength,
  };
}
