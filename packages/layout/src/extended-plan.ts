import type { Span } from "./span.ts";
import type { ByteRange, MbrPartitionDescription } from "./table-description.ts";

/** An extended boot record and its logical partition; none is in the first of an extended partition that is empty. */
export interface LogicalRecord {
  readonly offset: number;
  readonly partition: MbrPartitionDescription | undefined;
}

/** What sfdisk leaves between a record and its partition where there is room. */
const grain = 1 << 20;

/**
 * Places the records of `logicals`, given in the order of their numbers. They are not held against each other.
 *
 * The first is where the extended partition starts, by definition. Where the others are is anybody's choice: as sfdisk
 * has it, 1 MiB before their partitions, or one sector if any of them lacks that much room before it.
 */
export function planRecords(
  container: ByteRange,
  logicals: readonly MbrPartitionDescription[],
  sectorLength: number,
): LogicalRecord[] {
  const [first, ...others] = logicals;
  const gap = hasRoom(container, logicals, sectorLength) ? grain : sectorLength;
  return [
    { offset: container.offset, partition: first },
    ...others.map((partition) => ({ offset: partition.offset - gap, partition })),
  ];
}

/** Whether 1 MiB lies before each partition that neither another one nor the first record takes. */
function hasRoom(
  container: ByteRange,
  logicals: readonly MbrPartitionDescription[],
  sectorLength: number,
): boolean {
  const ordered = logicals.toSorted((a, b) => a.offset - b.offset);
  let free = container.offset;
  for (const partition of ordered) {
    // The first partition's record may be anywhere below it: it is the container's first sector.
    const taken = partition !== logicals[0] && free === container.offset ? sectorLength : 0;
    if (partition.offset - free - taken < grain) return false;
    free = partition.offset + partition.length;
  }
  return true;
}

export function recordSpan({ offset, partition }: LogicalRecord, sectorLength: number): Span {
  const owner = partition === undefined ? "" : ` of partition ${partition.number}`;
  return { what: `the extended boot record${owner}`, offset, length: sectorLength };
}
