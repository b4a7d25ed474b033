import { describeLength } from "@bootstamp/declaration";
import type { SectorLength } from "@bootstamp/layout";
import { roundUp } from "./multiple.ts";
import type { Complain } from "./complain.ts";
import { called } from "./disk-order.ts";
import { containerExtent, withoutContainer } from "./extended-partition.ts";
import type { Layout, LayoutPartition } from "./layout.ts";
import { placeAll, type Item, type Misfit, type Placement, type Room } from "./place-all.ts";
import type { Extent } from "./place-run.ts";
import { tableFrame, type TableFrame } from "./table-frame.ts";

/** Where everything lies in the image. */
export interface PlacedLayout {
  readonly frame: TableFrame;
  readonly diskLength: number;
  readonly extents: ReadonlyMap<LayoutPartition, Extent>;
}

/** genimage's rule for a GPT image whose length is not given: its end is a whole number of these. */
const fitGrain = 4096;

/** Places all items, in their order on the disk. Complains of those for which there is no room. */
export function placeLayout(
  layout: Layout,
  sectorLength: SectorLength,
  items: readonly Item[],
  complain: Complain,
): PlacedLayout {
  const given = layout.size === "fit" ? undefined : layout.size;
  const frame = tableFrame(layout, sectorLength, given);
  const room = { first: frame.first, end: given === undefined ? undefined : given - frame.back };
  const placement = placeItems(items, room);
  for (const misfit of placement.misfits) complainOfRoom(misfit, complain);
  const grain = layout.table === "gpt" ? fitGrain : sectorLength;
  const diskLength = given ?? roundUp(placement.end + frame.back, grain);
  return { frame, diskLength, extents: placement.extents };
}

/** An extended partition with a size is placed like any other, and the logical ones in it; one without is theirs. */
function placeItems(items: readonly Item[], room: Room): Placement {
  const container = items.find(({ partition }) => partition.placement === "extended");
  if (container === undefined) return placeAll(items, room);
  const logicals = items.filter(({ partition }) => partition.placement === "logical");
  if (container.partition.size === undefined) {
    const placed = placeAll(withoutContainer(items), room);
    const extent = containerExtent(container, logicals, placed.extents);
    return { ...placed, extents: new Map([...placed.extents, [container.partition, extent]]) };
  }
  const outer = placeAll(
    items.filter((item) => !logicals.includes(item)),
    room,
  );
  const { offset, length } = outer.extents.get(container.partition) ?? { offset: 0, length: 0 };
  const inner = placeAll(logicals, { first: offset, end: offset + length });
  return {
    extents: new Map([...outer.extents, ...inner.extents]),
    end: outer.end,
    misfits: [...outer.misfits, ...inner.misfits],
  };
}

function complainOfRoom({ partition, missing, before }: Misfit, complain: Complain): void {
  const where = before === undefined ? "at its place" : `before ${called(before)}`;
  complain(
    "PLAN_NO_ROOM",
    ["partitions", partition.index],
    `there is no room for ${called(partition)} ${where}: ${describeLength(missing)} are missing`,
  );
}
