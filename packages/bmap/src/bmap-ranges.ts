import type { Patch } from "@bootstamp/byte-source";
import { alignExtents, extentEnd, storedExtents, type Extent, type SegmentMap } from "@bootstamp/segment-map";

/** Bytes of a block: what bmaptool itself takes, and what stored extents are made of. */
export const bmapBlockLength = 4096;

/** Longer runs are cut at multiples of this, so that they can be digested in threads and a fault shows early. */
const longestRange = 64 << 20;

/**
 * What becomes of blocks that hold zeros only.
 *
 * `holes`: left out of the map, and so not written when an image is flashed: quick, and right where the device reads as
 * zeros there or nobody relies on it. An image cannot tell zeros that were written, such as those of an empty FAT or in
 * the middle of a file, from those that never were; over old data the former come out wrong.
 * `written`: in the map like all others: always right, and flashes every byte.
 */
export type BmapZeros = "holes" | "written";

/**
 * The ranges of a bmap, in order and apart: whole blocks, the last one cut off at the image's end.
 *
 * A stored extent is always in ranges of its own, so that the other ranges' digests are the same for every variant.
 */
export function bmapRanges(map: SegmentMap, zeros: BmapZeros): Extent[] {
  const stored = alignExtents(storedExtents(map), bmapBlockLength, map.rawLength);
  const others = map.segments
    .filter(({ kind }) => kind === "compressed" || (kind === "zero" && zeros === "written"))
    .map(({ rawOffset, rawLength }) => ({ offset: rawOffset, length: rawLength }));
  const fixed = without(alignExtents(others, bmapBlockLength, map.rawLength), stored);
  return [...stored, ...fixed].toSorted((a, b) => a.offset - b.offset).flatMap(cutLong);
}

/** Indices of the ranges that a patch changes. `RangeError` where it reaches outside all of them. */
export function changedRanges(ranges: readonly Extent[], patch: Patch): number[] {
  const changed = new Set<number>();
  let index = 0;
  for (const { offset, bytes } of patch) {
    for (let at = offset; at < offset + bytes.length;) {
      let range = ranges[index];
      while (range !== undefined && extentEnd(range) <= at) range = ranges[++index];
      if (range === undefined || range.offset > at) throw new RangeError(`no range of the bmap holds ${at}`);
      changed.add(index);
      at = extentEnd(range);
    }
  }
  return [...changed];
}

/** `extents` less `removed`; both in order and apart. */
function without(extents: readonly Extent[], removed: readonly Extent[]): Extent[] {
  let next = 0;
  return extents.flatMap((extent) => {
    const left: Extent[] = [];
    let at = extent.offset;
    for (; ; next++) {
      const hole = removed[next];
      if (hole === undefined || hole.offset >= extentEnd(extent)) break;
      if (hole.offset > at) left.push({ offset: at, length: hole.offset - at });
      at = Math.max(at, extentEnd(hole));
      // It may reach into the next extent too.
      if (at > extentEnd(extent)) break;
    }
    if (at < extentEnd(extent)) left.push({ offset: at, length: extentEnd(extent) - at });
    return left;
  });
}

function cutLong(extent: Extent): Extent[] {
  const parts: Extent[] = [];
  for (let at = extent.offset; at < extentEnd(extent);) {
    const end = Math.min(extentEnd(extent), (Math.floor(at / longestRange) + 1) * longestRange);
    parts.push({ offset: at, length: end - at });
    at = end;
  }
  return parts;
}
