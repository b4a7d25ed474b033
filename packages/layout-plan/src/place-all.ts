import type { LayoutPartition } from "./layout.ts";
import { placeRun, type Extent, type PlacedRun, type Unplaced } from "./place-run.ts";

/** A partition and what it needs. */
export interface Item {
  readonly partition: LayoutPartition;
  readonly needs: Unplaced;
  /** Where it must start; undefined: behind those before it. */
  readonly offset: number | undefined;
}

/** A run that needs more than there is. */
export interface Misfit {
  /** The first that does not fit. */
  readonly partition: LayoutPartition;
  readonly missing: number;
  /** What stands in its way; undefined for the end of the image. */
  readonly before: LayoutPartition | undefined;
}

/** Where all came to lie. */
export interface Placement {
  readonly extents: ReadonlyMap<LayoutPartition, Extent>;
  /** Behind the last of them and the free space that it asked for. */
  readonly end: number;
  readonly misfits: readonly Misfit[];
}

/** What partitions may use: from `first` to `end`, or as far as they need. */
export interface Room {
  readonly first: number;
  readonly end: number | undefined;
}

/**
 * Finds a place for each item, in their order. One with an offset gets it; any other starts behind all that come before
 * it (genimage's rule). What stands between an offset, or the start, and the next offset shares that room.
 */
export function placeAll(items: readonly Item[], room: Room): Placement {
  const extents = new Map<LayoutPartition, Extent>();
  const misfits: Misfit[] = [];
  let end = room.first;
  for (let index = 0; index < items.length;) {
    const run = runFrom(items, index, end);
    const [head] = run;
    const start = head?.offset === undefined ? end : head.offset - head.needs.lead;
    const border = borderOf(items, run, start, room);
    const needs = run.map((item) => item.needs);
    const placed = placeRun(needs, start, room.end === undefined ? Infinity : border.offset);
    for (const [at, { partition }] of run.entries())
      extents.set(partition, placed.extents[at] ?? { offset: start, length: 0 });
    if (placed.end > border.offset) misfits.push(...misfitsOf(run, placed, border));
    end = Math.max(end, placed.end);
    index += run.length;
  }
  return { extents, end, misfits };
}

/** The item at `index` and those that follow it on the disk. */
function runFrom(items: readonly Item[], index: number, end: number): readonly Item[] {
  const head = items[index];
  if (head === undefined) return [];
  // What goes back on the disk has no followers: they start behind all that come before them.
  if (head.offset !== undefined && head.offset < end) return [head];
  const rest = items.slice(index + 1);
  const next = rest.findIndex(({ offset }) => offset !== undefined);
  return [head, ...(next === -1 ? rest : rest.slice(0, next))];
}

interface Border {
  readonly offset: number;
  readonly partition: LayoutPartition | undefined;
}

/** The nearest that a run may not reach. */
function borderOf(items: readonly Item[], run: readonly Item[], start: number, room: Room): Border {
  let border: Border = { offset: room.end ?? Infinity, partition: undefined };
  for (const item of items) {
    const { offset = -1, partition } = item;
    if (offset > start && offset < border.offset && !run.includes(item)) border = { offset, partition };
  }
  return border;
}

/** Whoever has an offset of its own is not misplaced: what it then overlaps is. */
function misfitsOf(run: readonly Item[], { extents, end }: PlacedRun, border: Border): readonly Misfit[] {
  const crossing = extents.findIndex(({ offset, length }) => offset + length > border.offset);
  const item = crossing === -1 ? run.at(-1) : run[crossing];
  if (item === undefined || (crossing !== -1 && item.offset !== undefined)) return [];
  return [{ partition: item.partition, missing: end - border.offset, before: border.partition }];
}
