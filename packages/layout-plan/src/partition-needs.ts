import { describeLength } from "@bootstamp/declaration";
import type { SectorLength } from "@bootstamp/layout";
import { commonMultiple, roundDown, roundUp } from "./multiple.ts";
import type { Complain } from "./complain.ts";
import { called } from "./disk-order.ts";
import type { Layout, LayoutPartition, PartitionContent } from "./layout.ts";
import type { Unplaced } from "./place-run.ts";

/** What a plan depends on beside the layout. */
export interface PlanFacts {
  /**
   * The bytes that a content needs in an image with such sectors: the length of an image, the least length of a file
   * system, empty or made of a directory. Undefined where that is not known: the layout must give a size. Not asked of
   * a partition without content.
   */
  readonly contentLength: (content: PartitionContent, sectorLength: SectorLength) => number | undefined;
  /** What the start of a variable partition must be a multiple of: the largest stored block of the formats, or 1. */
  readonly storedAlignment: number;
}

/** What a partition needs of its place. Complains of sizes that cannot be, or that nothing tells. */
export function needsOf(
  layout: Layout,
  partition: LayoutPartition,
  sectorLength: SectorLength,
  facts: PlanFacts,
  complain: Complain,
): Unplaced {
  const align = alignmentOf(layout, partition, facts);
  const content =
    partition.content.kind === "nothing" ? undefined : facts.contentLength(partition.content, sectorLength);
  const needed = content === undefined ? undefined : content + partition.reserve;
  const lead = partition.placement === "logical" ? Math.max(layout.align, sectorLength) : 0;
  const place = { align, lead, padding: partition.padding };
  if (partition.size !== undefined) {
    checkRoomFor(partition, "size", partition.size, needed, complain);
    return { ...place, min: partition.size, max: partition.size, weight: 0 };
  }
  if (partition.placement === "extended") {
    if (!hasLogicals(layout)) complainOfSize(partition, complain);
    return { ...place, min: 0, max: 0, weight: 0 };
  }
  if (partition.min === undefined && partition.max === undefined && partition.weight === undefined) {
    if (needed === undefined) complainOfSize(partition, complain);
    const length = roundUp(Math.max(needed ?? 0, 1), align);
    return { ...place, min: length, max: length, weight: 0 };
  }
  if (partition.max !== undefined) checkRoomFor(partition, "max", partition.max, needed, complain);
  const least = Math.max(partition.min ?? 1, needed ?? 1);
  const units = [align, partition.align ?? layout.align, sectorLength];
  const { weight = defaultWeight } = partition;
  return { ...place, ...boundsOf(least, partition.max ?? Infinity, units), weight };
}

/**
 * The lengths that a partition which shares may have: multiples of the first unit of which one lies between what was
 * asked for. A greatest length below all units, where no least one was asked for, gives way to the first.
 */
function boundsOf(least: number, most: number, units: readonly number[]): Pick<Unplaced, "min" | "max"> {
  const [first = 1] = units;
  const unit = least === 1 ? first : (units.find((each) => roundUp(least, each) <= most) ?? first);
  const min = roundUp(least, unit);
  return { min, max: Math.max(min, roundDown(most, unit)) };
}

function hasLogicals({ partitions }: Layout): boolean {
  return partitions.some(({ placement }) => placement === "logical");
}

/** systemd-repart's. */
const defaultWeight = 1000;

/** What a variable partition with an offset of its own is aligned to is the layout's business. */
function alignmentOf(layout: Layout, partition: LayoutPartition, facts: PlanFacts): number {
  const align = partition.align ?? layout.align;
  return partition.variable && partition.offset === undefined
    ? commonMultiple(align, facts.storedAlignment)
    : align;
}

function checkRoomFor(
  partition: LayoutPartition,
  key: "size" | "max",
  length: number,
  needed: number | undefined,
  complain: Complain,
): void {
  if (needed === undefined || needed <= length) return;
  const reserve = partition.reserve > 0 ? ` with the reserve of ${describeLength(partition.reserve)}` : "";
  complain(
    "PLAN_CONTENT_TOO_LARGE",
    ["partitions", partition.index, key],
    `the content of ${called(partition)} needs ${describeLength(needed)}${reserve}, ${describeLength(length)} are ${needed - length} bytes too few`,
  );
}

function complainOfSize(partition: LayoutPartition, complain: Complain): void {
  const { content, index } = partition;
  const what =
    content.kind === "image" || content.kind === "directory"
      ? `the length of its content is not known`
      : "it has no content to take it from";
  complain(
    "PLAN_SIZE_UNKNOWN",
    ["partitions", index],
    `${called(partition)} needs a "size", or a "min" or "weight" to share what is left: ${what}`,
  );
}
