import { checkTotal, type PartRules } from "./part-rules.ts";
import { summed, type PartPlan } from "./plan-parts.ts";
import { shapeOf, type ObjectShape } from "./shared-runs.ts";
import type { Part, Span } from "./span.ts";

const mebibyte = 2 ** 20;
/** Longer parts than this many times the shortest that would do are not tried. */
const longest = 4;

/**
 * As `planParts`, with parts that are all of one length but for the last, as Cloudflare R2 demands it: of the lengths
 * in whole MiB that would do, the one that leaves the fewest bytes to upload, and of these the longest.
 * Time in proportion to the number of parts.
 * @throws PartPlanError `PARTS_OBJECT_TOO_LARGE`; `RangeError` for spans that make no sense.
 */
export function planEqualParts(spans: Iterable<Span>, rules: PartRules): PartPlan {
  const shape = shapeOf(spans);
  checkTotal(shape.length, rules);
  const shortest = Math.max(rules.leastLength, Math.ceil(shape.length / rules.mostParts));
  let best = summed(cutEqually(shape, shortest));
  for (let length = ceilTo(shortest + 1, mebibyte); length <= shortest * longest; length += mebibyte) {
    if (length > rules.mostLength) break;
    const plan = summed(cutEqually(shape, length));
    if (plan.uploadedBytes <= best.uploadedBytes) best = plan;
  }
  return best;
}

function ceilTo(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

function cutEqually({ length, shared }: ObjectShape, partLength: number): Part[] {
  const parts: Part[] = [];
  let index = 0;
  for (let offset = 0; offset < length; offset += partLength) {
    const end = Math.min(offset + partLength, length);
    while (index < shared.length - 1 && endOf(shared[index]) <= offset) index++;
    const run = shared[index];
    const range = { offset, length: end - offset };
    if (run !== undefined && run.offset <= offset && endOf(run) >= end)
      parts.push({ kind: "copy", ...range, baseOffset: run.baseOffset + offset - run.offset });
    else parts.push({ kind: "upload", ...range });
  }
  return parts;
}

function endOf(run: { offset: number; length: number } | undefined): number {
  return run === undefined ? 0 : run.offset + run.length;
}
