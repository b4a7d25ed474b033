import { refuseAll } from "@bootstamp/declaration";
import type { SectorLength } from "@bootstamp/layout";
import { alignmentNotes } from "./alignment-notes.ts";
import { checkPlaces } from "./check-places.ts";
import { checkSectors } from "./check-sectors.ts";
import type { Complain } from "./complain.ts";
import { describePlan } from "./describe-plan.ts";
import { called, diskOrder } from "./disk-order.ts";
import { withExtended } from "./extended-partition.ts";
import type { Layout, LayoutPartition } from "./layout.ts";
import { layoutKind, type LayoutComplaint, type LayoutNote } from "./layout-plan-error.ts";
import { needsOf, type PlanFacts } from "./partition-needs.ts";
import { placeLayout } from "./place-layout.ts";
import type { PlannedLayout } from "./planned-layout.ts";

/**
 * Plans a layout into numbers: one plan for each of its sector lengths. The same layout and facts give the same plans.
 *
 * @throws LayoutPlanError with every complaint about one sector length: PLAN_NOT_WHOLE_SECTORS, PLAN_SIZE_UNKNOWN,
 * PLAN_CONTENT_TOO_LARGE, PLAN_NO_ROOM with the bytes that are missing, PLAN_OVERLAP, PLAN_OUT_OF_RANGE,
 * PLAN_TABLE_LIMIT, PLAN_VALUE.
 */
export function planLayout(layout: Layout, facts: PlanFacts): readonly PlannedLayout[] {
  return layout.sectors.map((sectorLength) => planFor(layout, sectorLength, facts));
}

/** systemd-repart's rule: where there is no room, partitions of the highest priority number are left out first. */
function planFor(layout: Layout, sectorLength: SectorLength, facts: PlanFacts): PlannedLayout {
  const notes: LayoutNote[] = [];
  let { partitions } = layout;
  for (;;) {
    const complaints: LayoutComplaint[] = [];
    const planned = attempt({ ...layout, partitions }, sectorLength, facts, complaints);
    if (planned !== undefined) return { ...planned, notes: [...notes, ...planned.notes] };
    const highest = Math.max(...partitions.map(({ priority }) => priority));
    const staying = partitions.filter(({ priority }) => priority < highest);
    const isRoomAll = complaints.every(({ code }) => code === "PLAN_NO_ROOM");
    if (highest <= 0 || staying.length === 0 || !isRoomAll) refuseAll(layoutKind, complaints);
    for (const partition of partitions.filter(({ priority }) => priority === highest))
      notes.push(leftOutNote(layout, partition));
    partitions = staying;
  }
}

function leftOutNote({ document }: Layout, partition: LayoutPartition): LayoutNote {
  return {
    position: document.positionOf(["partitions", partition.index, "priority"]),
    message: `${called(partition)} is left out: there is no room for it, and its priority is ${partition.priority}`,
  };
}

/** One plan, or complaints. */
function attempt(
  written: Layout,
  sectorLength: SectorLength,
  facts: PlanFacts,
  complaints: LayoutComplaint[],
): PlannedLayout | undefined {
  const layout = { ...written, partitions: withExtended(written.partitions) };
  const { document } = layout;
  const complain: Complain = (code, path, message) =>
    void complaints.push({ code, position: document.positionOf(path), message });
  checkSectors(layout, sectorLength, complain);
  const order = diskOrder(layout);
  const items = order.partitions.map((partition) => ({
    partition,
    needs: needsOf(layout, partition, sectorLength, facts, complain),
    offset: partition.offset,
  }));
  if (complaints.length > 0) return undefined;
  const placed = placeLayout(layout, sectorLength, items, complain);
  if (complaints.length === 0) checkPlaces(layout, sectorLength, placed, complain);
  if (complaints.length > 0) return undefined;
  const notes = [...order.notes, ...alignmentNotes(layout, placed, facts)];
  return { ...describePlan(layout, sectorLength, placed), notes };
}
