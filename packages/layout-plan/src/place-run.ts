import { roundDown, roundUp } from "./multiple.ts";
import type { PaddingItem } from "./layout-file.ts";
import { shareOut, type Claim } from "./share-out.ts";

/** A partition that has to find its place. Lengths and offsets are bytes. */
export interface Unplaced {
  /** What its offset is a multiple of, and its length where that is not given. */
  readonly align: number;
  readonly min: number;
  /** `min` if the length is given; Infinity if there is no bound. */
  readonly max: number;
  readonly weight: number;
  readonly padding: PaddingItem;
  /** Free bytes that must be before it: for a logical partition's boot record. */
  readonly lead: number;
}

export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Where a run came to lie. */
export interface PlacedRun {
  readonly extents: readonly Extent[];
  /** Behind the last partition and the free space that it asked for. */
  readonly end: number;
}

/**
 * Puts partitions one behind the other from `start` on, each at the next multiple of its alignment. Where `limit` is
 * more than they need at least, they share it by weight; a run that needs more lies beyond it.
 */
export function placeRun(run: readonly Unplaced[], start: number, limit: number): PlacedRun {
  const least = place(run, leastLengths(run), start);
  if (limit === Infinity || least.end >= limit || run.every(isFixed)) return least;
  return giveGaps(run, shareRoom(run, start, limit, least), start, limit);
}

interface Lengths {
  readonly length: number;
  readonly padding: number;
}

/** Alignment makes gaps that shares do not know of: less is shared out until all of it fits. */
function shareRoom(
  run: readonly Unplaced[],
  start: number,
  limit: number,
  least: PlacedRun,
): readonly Lengths[] {
  const [first] = run;
  const from = first === undefined ? start : roundUp(start + first.lead, first.align);
  let span = limit - from;
  // doubled each time, so that gaps of any shape are found room for soon
  for (let step = 1; span > 0; step *= 2) {
    const lengths = sharedLengths(run, span);
    const { end } = place(run, lengths, start);
    if (end <= limit) return lengths;
    span -= Math.max(end - limit, step);
  }
  return least.end <= limit ? leastLengths(run) : sharedLengths(run, limit - from);
}

function sharedLengths(run: readonly Unplaced[], span: number): readonly Lengths[] {
  const shares = shareOut(span, run.flatMap(claimsOf));
  return run.map((_, index) => ({ length: shares[2 * index] ?? 0, padding: shares[2 * index + 1] ?? 0 }));
}

function claimsOf({ align, min, max, weight, padding }: Unplaced): readonly Claim[] {
  return [
    { weight, min, max, grain: align, takesRest: true },
    {
      weight: padding.weight,
      min: padding.min,
      max: padding.max ?? Infinity,
      grain: align,
      takesRest: false,
    },
  ];
}

/** Where partitions are aligned differently, room may be left between the last one and the limit. */
function giveGaps(
  run: readonly Unplaced[],
  shared: readonly Lengths[],
  start: number,
  limit: number,
): PlacedRun {
  let lengths = shared;
  let placed = place(run, lengths, start);
  for (const [index, { align, max }] of run.entries()) {
    const { length, padding } = lengths[index] ?? { length: 0, padding: 0 };
    const more = Math.min(max, length + roundDown(limit - placed.end, align));
    if (more <= length) continue;
    const longer = lengths.with(index, { length: more, padding });
    const tried = place(run, longer, start);
    if (tried.end <= limit) [lengths, placed] = [longer, tried];
  }
  return placed;
}

function place(run: readonly Unplaced[], lengths: readonly Lengths[], start: number): PlacedRun {
  let end = start;
  const extents = run.map(({ align, lead }, index) => {
    const { length, padding } = lengths[index] ?? { length: 0, padding: 0 };
    const offset = roundUp(end + lead, align);
    end = offset + length + padding;
    return { offset, length };
  });
  return { extents, end };
}

function leastLengths(run: readonly Unplaced[]): readonly Lengths[] {
  return run.map(({ min, padding }) => ({ length: min, padding: padding.min }));
}

function isFixed({ min, max, padding }: Unplaced): boolean {
  return min === max && padding.weight === 0;
}
