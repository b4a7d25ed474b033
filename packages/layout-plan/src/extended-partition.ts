import type { LayoutPartition } from "./layout.ts";
import type { Item } from "./place-all.ts";
import type { Extent } from "./place-run.ts";
import { extendedTypeId } from "./partition-types.ts";

/** Logical partitions need an extended one: where the list has none, one stands before the first of them. */
export function withExtended(partitions: readonly LayoutPartition[]): readonly LayoutPartition[] {
  const first = partitions.findIndex(({ placement }) => placement === "logical");
  const logical = partitions[first];
  if (logical === undefined || partitions.some(({ placement }) => placement === "extended"))
    return partitions;
  const extended: LayoutPartition = {
    index: logical.index,
    name: "",
    number: undefined,
    typeId: extendedTypeId,
    uuid: logical.uuid,
    placement: "extended",
    size: undefined,
    min: undefined,
    max: undefined,
    weight: undefined,
    padding: { min: 0, max: 0, weight: 0 },
    offset: undefined,
    align: undefined,
    attributes: [],
    bootable: false,
    priority: 0,
    variable: false,
    grows: false,
    reserve: 0,
    content: { kind: "nothing" },
  };
  return partitions.toSpliced(first, 0, extended);
}

/**
 * Of an extended partition without a size: the items to place instead of it, of which the first logical one stands
 * where it asked to start.
 */
export function withoutContainer(items: readonly Item[]): readonly Item[] {
  const container = items.find(({ partition }) => partition.placement === "extended");
  const rest = items.filter((item) => item !== container);
  const first = rest.findIndex(({ partition }) => partition.placement === "logical");
  const logical = rest[first];
  if (container?.offset === undefined || logical === undefined || logical.offset !== undefined) return rest;
  const { align, lead } = logical.needs;
  return rest.with(first, { ...logical, offset: Math.ceil((container.offset + lead) / align) * align });
}

/** What an extended partition without a size comes to: from the first boot record to the last logical partition. */
export function containerExtent(
  container: Item,
  logicals: readonly Item[],
  extents: ReadonlyMap<LayoutPartition, Extent>,
): Extent {
  const spans = logicals.map(({ partition, needs }) => {
    const { offset, length } = extents.get(partition) ?? { offset: 0, length: 0 };
    return { start: offset - needs.lead, end: offset + length };
  });
  const offset = container.offset ?? Math.min(...spans.map(({ start }) => start));
  return { offset, length: Math.max(...spans.map(({ end }) => end)) - offset };
}
