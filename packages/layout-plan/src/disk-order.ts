import { quote } from "@bootstamp/declaration";
import type { Layout, LayoutPartition } from "./layout.ts";
import type { LayoutNote } from "./layout-plan-error.ts";
import { isFirmwareFat } from "./partition-types.ts";

/** The order in which partitions are put on the disk, and what is to be said of it. */
export interface DiskOrder {
  readonly partitions: readonly LayoutPartition[];
  readonly notes: readonly LayoutNote[];
}

/**
 * Orders the partitions for their places: variable ones together behind the others, so that all variants have the same
 * bytes before them; behind these only what grows on the first boot. What is bound to a place stays where it was
 * written, and a note says why.
 */
export function diskOrder(layout: Layout): DiskOrder {
  const { partitions } = layout;
  if (!partitions.some(({ variable }) => variable)) return { partitions, notes: [] };
  const bound = new Map(partitions.map((partition) => [partition, boundBy(layout, partition)]));
  const isMoved = (partition: LayoutPartition) =>
    bound.get(partition) === undefined && (partition.variable || partition.grows);
  const ordered = [
    ...partitions.filter((partition) => !isMoved(partition)),
    ...partitions.filter((partition) => isMoved(partition) && !partition.grows),
    ...partitions.filter((partition) => isMoved(partition) && partition.grows),
  ];
  return {
    partitions: ordered,
    notes: [...stayNotes(layout, ordered, bound), ...moveNotes(layout, ordered)],
  };
}

/** Why a partition stays where it was written; undefined if it may be moved. */
function boundBy({ table, order, partitions }: Layout, partition: LayoutPartition): string | undefined {
  if (partition.offset !== undefined) return "it has an offset of its own";
  if (order === "as-written") return "the layout's order is as written";
  if (partitions.some(({ placement }) => placement !== "primary")) return "there are logical partitions";
  if (table === "mbr" && isFirmwareFat(partition.typeId))
    return "firmware that reads an MBR, such as the Raspberry Pi's, takes the first FAT partition; an offset moves it";
  return undefined;
}

/** Of variable partitions that are not last and were not put there. */
function stayNotes(
  { document }: Layout,
  ordered: readonly LayoutPartition[],
  bound: ReadonlyMap<LayoutPartition, string | undefined>,
): readonly LayoutNote[] {
  return ordered.flatMap((partition, place) => {
    const reason = bound.get(partition);
    const isLast = ordered.slice(place).every(({ variable, grows }) => variable || grows);
    if (!partition.variable || reason === undefined || isLast) return [];
    return [
      {
        position: document.positionOf(["partitions", partition.index]),
        message: `${called(partition)} is variable and not put last: ${reason}`,
      },
    ];
  });
}

/** Of variable partitions that were put behind others: these can no longer be enlarged on the first boot. */
function moveNotes({ document }: Layout, ordered: readonly LayoutPartition[]): readonly LayoutNote[] {
  return ordered.flatMap((partition, place) => {
    const passed = ordered.slice(0, place).filter(({ index }) => index > partition.index);
    if (!partition.variable || passed.length === 0) return [];
    const names = passed.map(called).join(", ");
    return [
      {
        position: document.positionOf(["partitions", partition.index]),
        message: `${called(partition)} is variable and put behind ${names}: what has to grow on the first boot needs "grows: true" to stay last`,
      },
    ];
  });
}

/** What messages call a partition. */
export function called({ name, index }: Pick<LayoutPartition, "name" | "index">): string {
  return name === "" ? `partition ${index + 1} in the list` : quote(name);
}
