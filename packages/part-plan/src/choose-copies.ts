// Which runs to copy, so that the fewest bytes are uploaded. Between two copied runs lies an upload, which has to have
// the least length of a part; where the gap is shorter, the copies are trimmed, the one before first:
//
//   shared runs  [-----------]  [--]   [---------]     [---
//   copies       [---------]···········[---------]·····[---
//   uploads                 [==========]         [=====]
import type { ObjectShape, SharedRun } from "./shared-runs.ts";

/** A way to copy some of the runs seen so far, the last of them among these. */
interface Way {
  readonly run: SharedRun;
  /** How much of the run's beginning is uploaded. */
  readonly trimmed: number;
  /** Bytes uploaded before the copy of `run`. */
  readonly uploaded: number;
  readonly before: Way | undefined;
  /** How much of the end of `before.run` is uploaded. */
  readonly trimmedBefore: number;
}

/**
 * More runs than two in a row are never left out: of three, the middle one can be copied whole, because the gap on
 * either side of it has one of the others in it, which is long enough for a part.
 */
const farthest = 3;

/**
 * The copies that leave the fewest bytes to upload. Each is `least` bytes long at least, or ends the object; between
 * them, and before and behind, lie no bytes or at least `least`, or the object's last ones. Time in proportion to the
 * number of runs.
 */
export function chooseCopies({ length, shared }: ObjectShape, least: number): SharedRun[] {
  const runs = shared.filter((run) => run.length >= least || end(run) === length);
  const ways: Way[][] = [];
  for (const [index, run] of runs.entries()) {
    const earlier = ways.slice(Math.max(0, index - farthest)).flat();
    const found = [firstWay(run, least), ...earlier.map((way) => nextWay(way, run, least))];
    ways.push(bestOf(found.filter((way) => fits(way, length, least))));
  }
  const totals = ways.flat().map((way) => ({ way, total: way.uploaded + length - end(way.run) }));
  const best = totals.toSorted((a, b) => a.total - b.total)[0];
  return best === undefined ? [] : copiesOf(best.way);
}

function end({ offset, length }: SharedRun): number {
  return offset + length;
}

function firstWay(run: SharedRun, least: number): Way {
  const trimmed = missing(run.offset, least);
  return { run, trimmed, uploaded: run.offset + trimmed, before: undefined, trimmedBefore: 0 };
}

/** Copies `run` too. Whatever is trimmed costs the same; trimming what lies before leaves more room for what follows. */
function nextWay(before: Way, run: SharedRun, least: number): Way {
  const gap = run.offset - end(before.run);
  const toTrim = missing(gap, least);
  const trimmedBefore = Math.min(toTrim, before.run.length - before.trimmed - least);
  const uploaded = before.uploaded + gap + toTrim;
  return { run, trimmed: toTrim - trimmedBefore, uploaded, before, trimmedBefore };
}

/** What an upload of `gap` bytes lacks. */
function missing(gap: number, least: number): number {
  return gap === 0 ? 0 : Math.max(0, least - gap);
}

function fits({ run, trimmed }: Way, length: number, least: number): boolean {
  const copied = run.length - trimmed;
  return copied >= least || (copied > 0 && end(run) === length);
}

/** Those than which no other both uploads less and trims less. */
function bestOf(ways: readonly Way[]): Way[] {
  const best: Way[] = [];
  for (const way of ways.toSorted((a, b) => a.uploaded - b.uploaded || a.trimmed - b.trimmed)) {
    if (way.trimmed < (best.at(-1)?.trimmed ?? Infinity)) best.push(way);
  }
  return best;
}

function copiesOf(last: Way): SharedRun[] {
  const copies: SharedRun[] = [];
  let trimmedEnd = 0;
  for (let way: Way | undefined = last; way !== undefined; way = way.before) {
    const { run, trimmed } = way;
    copies.push({
      offset: run.offset + trimmed,
      length: run.length - trimmed - trimmedEnd,
      baseOffset: run.baseOffset + trimmed,
    });
    trimmedEnd = way.trimmedBefore;
  }
  return copies.toReversed();
}
