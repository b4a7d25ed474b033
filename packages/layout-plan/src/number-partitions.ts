import type { LayoutPartition } from "./layout.ts";

/** Linux and sfdisk count logical partitions from here on. */
const firstLogical = 5;

/**
 * The number of each partition: the one given, else, in the order of the list, the lowest that is free; logical
 * partitions count from 5.
 */
export function numberPartitions(
  partitions: readonly LayoutPartition[],
): ReadonlyMap<LayoutPartition, number> {
  const taken = new Set(partitions.map(({ number }) => number));
  const numbers = new Map<LayoutPartition, number>();
  for (const partition of partitions) {
    let number = partition.number ?? (partition.placement === "logical" ? firstLogical : 1);
    while (partition.number === undefined && taken.has(number)) number += 1;
    taken.add(number);
    numbers.set(partition, number);
  }
  return numbers;
}
