import { describeLength } from "@bootstamp/declaration";
import { called } from "./disk-order.ts";
import type { Layout } from "./layout.ts";
import type { LayoutNote } from "./layout-plan-error.ts";
import type { PlanFacts } from "./partition-needs.ts";
import type { PlacedLayout } from "./place-layout.ts";

/** Of variable partitions whose own offset cuts a stored block in two. */
export function alignmentNotes(
  { partitions, document }: Layout,
  { extents }: PlacedLayout,
  { storedAlignment }: PlanFacts,
): readonly LayoutNote[] {
  return partitions.flatMap((partition) => {
    const { offset } = extents.get(partition) ?? { offset: 0 };
    if (!partition.variable || offset % storedAlignment === 0) return [];
    const message = `${called(partition)} is variable and starts at ${offset}, which is no multiple of ${describeLength(storedAlignment)}, the largest stored block: one block more has to be stored`;
    return [{ position: document.positionOf(["partitions", partition.index, "offset"]), message }];
  });
}
