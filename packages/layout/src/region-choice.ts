import { describePartitions } from "./describe-partition.ts";
import type { FileSystemProbes } from "./file-system-probe.ts";
import { LayoutError, type LayoutErrorCode } from "./layout-error.ts";
import type { Partition, PartitionTable } from "./partition-table.ts";
import { typeMatcher } from "./partition-type.ts";
import { quoteText } from "@bootstamp/fault";
import { hasLabel, partitionsOfRole, type RegionRole } from "./region-role.ts";

/** Says which partition is the region, by exactly one property. */
export type RegionChoice =
  /** The GPT name or the label of the file system, exactly. */
  | { readonly label: string }
  /** As Linux counts; 0 is the whole of an image without a table. */
  | { readonly number: number }
  /** A GUID, an MBR id such as "0x0c", or an identifier such as "xbootldr". */
  | { readonly type: string }
  | { readonly role: RegionRole };

/**
 * The one partition of `table` that `choice` means. Labels and roles need `probes`, else only GPT names count.
 *
 * @throws LayoutError `LAYOUT_REGION_UNCHOSEN` without a choice, `LAYOUT_REGION_MISSING` if nothing fits,
 * `LAYOUT_REGION_AMBIGUOUS` if more than one partition does, each with a list of the partitions in the message and,
 * one line each, in the field `partitions`; `LAYOUT_REGION_UNUSABLE` if it is an extended partition;
 * `LAYOUT_TYPE_UNKNOWN`.
 */
export function chooseRegion(
  table: PartitionTable,
  choice: RegionChoice | undefined,
  probes: FileSystemProbes = new Map(),
): Partition {
  const refuse = (code: LayoutErrorCode, reason: string): LayoutError => {
    const partitions = describePartitions(table, probes);
    const list =
      partitions.length === 0 ? "the image has no partitions" : `the image has ${partitions.join("; ")}`;
    return new LayoutError(code, `${reason}; ${list}`, { partitions });
  };
  if (choice === undefined) throw refuse("LAYOUT_REGION_UNCHOSEN", "no region is chosen");
  const found = findPartitions(table, choice, probes);
  const wanted = describeChoice(choice);
  const [first, ...others] = found;
  if (first === undefined) throw refuse("LAYOUT_REGION_MISSING", `no partition has ${wanted}`);
  if (others.length > 0) {
    const numbers = found.map(({ number }) => number).join(", ");
    throw refuse("LAYOUT_REGION_AMBIGUOUS", `partitions ${numbers} have ${wanted}, expected one`);
  }
  if (first.placement === "extended") {
    throw refuse("LAYOUT_REGION_UNUSABLE", `partition ${first.number} only contains logical partitions`);
  }
  return first;
}

function findPartitions(
  table: PartitionTable,
  choice: RegionChoice,
  probes: FileSystemProbes,
): readonly Partition[] {
  if ("number" in choice) return table.partitions.filter(({ number }) => number === choice.number);
  if ("type" in choice) return table.partitions.filter(typeMatcher(choice.type));
  if ("role" in choice) return partitionsOfRole(table, choice.role, probes);
  return table.partitions.filter((partition) => hasLabel(partition, [choice.label], probes));
}

function describeChoice(choice: RegionChoice): string {
  if ("number" in choice) return `the number ${choice.number}`;
  if ("type" in choice) return `the type ${quoteText(choice.type)}`;
  if ("role" in choice) return `the role ${choice.role}`;
  return `the label ${quoteText(choice.label)}`;
}
