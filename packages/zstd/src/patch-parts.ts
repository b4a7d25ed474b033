import type { Patch, PatchRun } from "@bootstamp/byte-source";
import { MapError, type Segment, type SegmentMap, segmentIndexAt } from "@bootstamp/segment-map";

/** A part of a patch run that lies in one segment. */
export interface RunPart {
  /** Of the run in the patch. */
  readonly run: number;
  /** From the beginning of the segment. */
  readonly offset: number;
  /** The run's own bytes, not a copy. */
  readonly bytes: Uint8Array;
}

/** All that a patch replaces in one segment, in order. */
export interface TouchedSegment {
  /** Of the segment in the map. */
  readonly index: number;
  readonly segment: Segment;
  readonly parts: readonly RunPart[];
}

/** Deals a patch out to segments, in order. @throws MapError `MAP_PATCH_NOT_STORED`. `RangeError` for runs out of order. */
export function partsBySegment(map: SegmentMap, patch: Patch): TouchedSegment[] {
  const touched: (TouchedSegment & { readonly parts: RunPart[] })[] = [];
  let end = 0;
  for (const [run, { offset, bytes }] of patch.entries()) {
    if (offset < end) throw new RangeError(`patch run at ${offset} begins before ${end}, where one ends`);
    end = offset + bytes.length;
    for (let at = offset; at < end;) {
      const { index, segment } = storedSegmentAt(map, { offset, bytes }, at);
      const stop = Math.min(end, segment.rawOffset + segment.rawLength);
      if (touched.at(-1)?.index !== index) touched.push({ index, segment, parts: [] });
      touched.at(-1)?.parts.push({
        run,
        offset: at - segment.rawOffset,
        bytes: bytes.subarray(at - offset, stop - offset),
      });
      at = stop;
    }
  }
  return touched;
}

function storedSegmentAt(
  map: SegmentMap,
  { offset, bytes: { length } }: Pick<PatchRun, "offset" | "bytes">,
  at: number,
): Pick<TouchedSegment, "index" | "segment"> {
  const inside = offset + length <= map.rawLength;
  const index = inside ? segmentIndexAt(map, at) : -1;
  const segment = map.segments[index];
  if (segment?.kind === "stored") return { index, segment };
  const where = inside ? `from ${at} on, not stored` : `beyond the image of ${map.rawLength} bytes`;
  throw new MapError(
    "MAP_PATCH_NOT_STORED",
    `cannot patch ${length} bytes at offset ${offset}: they lie ${where}`,
    { offset, length },
  );
}
