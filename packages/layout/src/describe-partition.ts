import type { FileSystemProbe, FileSystemProbes } from "./file-system-probe.ts";
import type { Partition, PartitionTable } from "./partition-table.ts";
import { quoteText } from "@bootstamp/fault";

const mebibyte = 1 << 20;

/** One line for people: number, label, type, size, file system. */
export function describePartition(partition: Partition, probe: FileSystemProbe | undefined): string {
  const parts = [
    `${partition.number}:`,
    partition.name === "" ? undefined : quoteText(partition.name),
    partition.typeName ?? (partition.typeId === "" ? "whole image" : partition.typeId),
    describeLength(partition.length),
    probe === undefined ? undefined : `(${describeFileSystem(probe)})`,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

/** {@link describePartition} of every partition of `table`. */
export function describePartitions(table: PartitionTable, probes: FileSystemProbes): string[] {
  return table.partitions.map((partition) => describePartition(partition, probes.get(partition.number)));
}

/** The name of a file system with its label, for people. */
export function describeFileSystem(probe: FileSystemProbe): string {
  if (probe.name === "unknown") return "no known file system";
  if (probe.name === "conflict") return `signatures of ${probe.candidates.join(" and ")}`;
  return probe.label === "" ? probe.name : `${probe.name} ${quoteText(probe.label)}`;
}

function describeLength(length: number): string {
  return length % mebibyte === 0 ? `${length / mebibyte} MiB` : `${length} bytes`;
}
