import type { FileSystemProbes } from "./file-system-probe.ts";
import { mbrFatTypeNames } from "./mbr-types.ts";
import type { Partition, PartitionTable } from "./partition-table.ts";

export const regionRoles = ["boot", "xbootldr", "esp", "root"] as const;

/** What a partition is for. {@link partitionsOfRole} says how each is found. */
export type RegionRole = (typeof regionRoles)[number];

type Rule = (partition: Partition, table: PartitionTable, probes: FileSystemProbes) => boolean;

/** Raspberry Pi OS writes bootfs and rootfs, Flatcar ROOT, Ubuntu system-boot and writable. */
const bootLabels = ["boot", "BOOT", "bootfs", "system-boot"];
const rootLabels = ["root", "ROOT", "rootfs", "writable"];

/** Types that hold a boot loader's code, not files, whatever their label. */
const codeTypes: ReadonlySet<string> = new Set(["bios-boot", "prep", "freebsd-boot", "chromeos-kernel"]);

/** For each role the rules in the order in which they are tried: the first that fits any partition decides. */
const rules: Readonly<Record<RegionRole, readonly Rule[]>> = {
  xbootldr: [hasType("xbootldr")],
  esp: [hasType("esp")],
  boot: [hasType("xbootldr"), isLabelled(bootLabels), hasType("esp"), isMbrFat, isWholeImage],
  root: [isRootType, isLabelled(rootLabels)],
};

/**
 * The partitions of `role`: several if the image leaves it open.
 *
 * - `xbootldr`, `esp`: the partitions of that type.
 * - `boot`, where kernels and the boot loader's configuration are: those of type xbootldr; else those labelled boot,
 *   BOOT, bootfs or system-boot, as GPT name or file system; else those of type esp; else, in an MBR, those of a FAT
 *   type, where Raspberry Pi firmware looks; else the whole image, if it has no table.
 * - `root`: those of a type root-*, of any architecture; else those labelled root, ROOT, rootfs or writable.
 */
export function partitionsOfRole(
  table: PartitionTable,
  role: RegionRole,
  probes: FileSystemProbes,
): Partition[] {
  for (const rule of rules[role]) {
    const found = table.partitions.filter((partition) => rule(partition, table, probes));
    if (found.length > 0) return found;
  }
  return [];
}

/** Whether GPT name or file-system label of `partition` is one of `labels`. */
export function hasLabel(partition: Partition, labels: readonly string[], probes: FileSystemProbes): boolean {
  const own = [partition.name, probes.get(partition.number)?.label ?? ""];
  return own.some((label) => label !== "" && labels.includes(label));
}

function hasType(name: string): Rule {
  return (partition) => partition.typeName === name;
}

function isLabelled(labels: readonly string[]): Rule {
  return (partition, _table, probes) =>
    !codeTypes.has(partition.typeName ?? "") && hasLabel(partition, labels, probes);
}

function isMbrFat(partition: Partition, table: PartitionTable): boolean {
  return table.kind === "mbr" && mbrFatTypeNames.includes(partition.typeName ?? "");
}

function isWholeImage(partition: Partition): boolean {
  return partition.placement === "whole-image";
}

function isRootType(partition: Partition): boolean {
  return /^root-(?!.*-verity)/.test(partition.typeName ?? "");
}
