import type {
  GptPartitionDescription,
  MbrPartitionDescription,
  SectorLength,
  TableDescription,
} from "@bootstamp/layout";
import type { Layout, LayoutPartition } from "./layout.ts";
import { numberPartitions } from "./number-partitions.ts";
import type { PlacedLayout } from "./place-layout.ts";
import type { Extent } from "./place-run.ts";
import type { PlannedLayout, PlannedPartition } from "./planned-layout.ts";

interface Numbered extends Extent {
  readonly number: number;
  readonly partition: LayoutPartition;
}

/** Puts what was found into the words of a partition table, in the order of the numbers. */
export function describePlan(
  layout: Layout,
  sectorLength: SectorLength,
  placed: PlacedLayout,
): Omit<PlannedLayout, "notes"> {
  const numbers = numberPartitions(layout.partitions);
  const numbered = layout.partitions
    .map((partition) => ({
      partition,
      number: numbers.get(partition) ?? 0,
      ...(placed.extents.get(partition) ?? { offset: 0, length: 0 }),
    }))
    .toSorted((a, b) => a.number - b.number);
  return {
    table: describeTable(layout, sectorLength, placed, numbered),
    partitions: numbered.map((each) => plannedPartition(layout, each)),
  };
}

function describeTable(
  layout: Layout,
  sectorLength: SectorLength,
  { frame, diskLength }: PlacedLayout,
  numbered: readonly Numbered[],
): TableDescription {
  const disk = { sectorLength, diskLength, diskId: layout.diskId };
  if (layout.table === "mbr") return { kind: "mbr", ...disk, partitions: numbered.map(mbrPartition) };
  return {
    kind: "gpt",
    ...disk,
    entryCount: layout.entries,
    usable: { offset: frame.first, length: diskLength - frame.back - frame.first },
    partitions: numbered.map(gptPartition),
  };
}

function gptPartition({ number, offset, length, partition }: Numbered): GptPartitionDescription {
  const { typeId, uuid: uniqueId, name, attributes } = partition;
  return { number, offset, length, typeId, uniqueId, name, attributes };
}

function mbrPartition({ number, offset, length, partition }: Numbered): MbrPartitionDescription {
  const { typeId, placement, bootable } = partition;
  return { number, offset, length, placement, typeId, bootable };
}

function plannedPartition(
  { document }: Layout,
  { number, offset, length, partition }: Numbered,
): PlannedPartition {
  const { name, placement, variable, grows, reserve, content, index } = partition;
  const position = document.positionOf(["partitions", index]);
  return { number, offset, length, name, placement, variable, grows, reserve, content, position };
}
