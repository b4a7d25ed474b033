import type { BlockHasher } from "./block-hasher.ts";
import { foldOnce } from "./hash-folder.ts";
import type { TreeShape } from "./tree-shape.ts";

/** Neighbouring hashes of one level that are others than the base's. */
export interface ChangedHashes {
  /** Of the first of them, in its level. */
  readonly index: number;
  readonly hashes: Uint8Array;
}

/** A run of neighbours by their number. */
export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

/**
 * What changes one level up: every block that a changed hash is in is put together anew and hashed.
 * @param hashes the level as the base has it. @param changed in ascending order and apart.
 */
export function changedAbove(
  shape: TreeShape,
  hasher: BlockHasher,
  hashes: Uint8Array,
  changed: readonly ChangedHashes[],
): ChangedHashes[] {
  const { arity, settings } = shape;
  const { digestLength } = settings;
  const touched = changed.map((run) => ({
    from: run.index,
    to: run.index + run.hashes.length / digestLength,
  }));
  let next = 0;
  return coarserRanges(touched, arity).map(({ from, to }) => {
    // A copy: of a block, the hashes beside the changed ones are the base's.
    const start = from * arity * digestLength;
    const children = hashes.slice(start, to * arity * digestLength);
    for (let run = changed[next]; run !== undefined && run.index < to * arity; run = changed[++next]) {
      children.set(run.hashes, run.index * digestLength - start);
    }
    return { index: from, hashes: foldOnce(shape, hasher, children) };
  });
}

/** The ranges of units of `arity` that hold `ranges`, which are in ascending order and apart; joined where they touch. */
export function coarserRanges(ranges: readonly IndexRange[], arity: number): IndexRange[] {
  const joined: IndexRange[] = [];
  for (const range of ranges) {
    const from = Math.floor(range.from / arity);
    const to = Math.ceil(range.to / arity);
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to) joined[joined.length - 1] = { from: last.from, to };
    else joined.push({ from, to });
  }
  return joined;
}
