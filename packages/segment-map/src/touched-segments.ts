import type { Patch, PatchRun } from "@bootstamp/byte-source";
import { extentsText } from "./extents-text.ts";
import { MapError } from "./map-error.ts";
import { type Segment, segmentIndexAt, type SegmentMap, storedExtents } from "./segment-map.ts";

/** A part of a patch run that lies in one segment. */
export interface PatchPart {
  /** Of the run in the patch. */
  readonly run: number;
  /** From the beginning of the segment's raw bytes. */
  readonly offset: number;
  /** The run's own bytes, not a copy. */
  readonly bytes: Uint8Array;
}

/** All that a patch replaces in one segment, in order. */
export interface TouchedSegment {
  /** Of the segment in the map. */
  readonly index: number;
  readonly segment: Segment;
  readonly parts: readonly PatchPart[];
}

/**
 * Deals a patch out to the segments that it touches, of whatever kind, in order.
 * @throws MapError `MAP_PATCH_NOT_STORED` for what is beyond the image. `RangeError` for runs that overlap or are out of
 * order.
 */
export function dealPatch(map: SegmentMap, patch: Patch): TouchedSegment[] {
  return deal(map, patch, () => true);
}

/**
 * {@link dealPatch} for a patch that has to be in stored segments alone.
 * @throws MapError `MAP_PATCH_NOT_STORED`, naming what is stored.
 */
export function touchedSegments(map: SegmentMap, patch: Patch): TouchedSegment[] {
  return deal(map, patch, ({ kind }) => kind === "stored");
}

function deal(map: SegmentMap, patch: Patch, takes: (segment: Segment) => boolean): TouchedSegment[] {
  const touched: (TouchedSegment & { readonly parts: PatchPart[] })[] = [];
  let end = 0;
  for (const [run, { offset, bytes }] of patch.entries()) {
    if (offset < end) throw new RangeError(`patch run at ${offset} begins before ${end}, where one ends`);
    end = offset + bytes.length;
    for (let at = offset; at < end;) {
      const { index, segment } = segmentFor(map, { offset, bytes }, at, takes);
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

type Run = Pick<PatchRun, "offset" | "bytes">;

function segmentFor(
  map: SegmentMap,
  run: Run,
  at: number,
  takes: (segment: Segment) => boolean,
): Pick<TouchedSegment, "index" | "segment"> {
  const inside = run.offset + run.bytes.length <= map.rawLength;
  const index = inside ? segmentIndexAt(map, at) : -1;
  const segment = map.segments[index];
  if (segment !== undefined && takes(segment)) return { index, segment };
  throw notStored(
    map,
    run,
    inside ? `are not stored from ${at} on` : `reach beyond the image of ${map.rawLength} bytes`,
  );
}

function notStored(map: SegmentMap, { offset, bytes: { length } }: Run, why: string): MapError {
  const stored = extentsText(storedExtents(map));
  return new MapError(
    "MAP_PATCH_NOT_STORED",
    `cannot patch ${length} bytes at offset ${offset}, which ${why}; stored extents: ${stored}`,
    { offset, length, stored },
  );
}
