import { LayoutError } from "./layout-error.ts";
import type { Partition, PartitionTable } from "./partition-table.ts";
import type {
  GptPartitionDescription,
  MbrPartitionDescription,
  TableDescription,
} from "./table-description.ts";

/**
 * Describes a table that was read, such that `composeTable` writes the same: every number, id, type and name.
 *
 * `diskLength` is that of the image, in bytes; where it differs from what it was when the table was written, the
 * backup is put to its end. Not kept are an extended boot record's place and bytes beyond a GPT entry's first 128.
 * @throws LayoutError `LAYOUT_NOT_DESCRIBABLE` for an image without a table, and for a hybrid MBR, whose own
 * partitions a description does not have.
 */
export function describeTable(table: PartitionTable, diskLength: number): TableDescription {
  const { kind, sectorLength, diskId, gpt, partitions } = table;
  if (kind === "none" || diskId === undefined) {
    throw new LayoutError(
      "LAYOUT_NOT_DESCRIBABLE",
      "an image without a partition table has none to describe",
    );
  }
  if (table.protection === "hybrid") {
    throw new LayoutError(
      "LAYOUT_NOT_DESCRIBABLE",
      "the MBR is hybrid: the partitions of its own would be lost; make it protective first",
    );
  }
  const disk = { sectorLength, diskLength, diskId };
  if (gpt === undefined) return { kind: "mbr", ...disk, partitions: partitions.map(mbrPartition) };
  return { kind: "gpt", ...disk, ...gpt, partitions: partitions.map(gptPartition) };
}

function gptPartition(partition: Partition): GptPartitionDescription {
  const { number, offset, length, typeId, uniqueId = "", name, attributes } = partition;
  return { number, offset, length, typeId, uniqueId, name, attributes };
}

function mbrPartition(partition: Partition): MbrPartitionDescription {
  const { number, offset, length, typeId, bootable, placement } = partition;
  const place = placement === "whole-image" ? "primary" : placement;
  return { number, offset, length, placement: place, typeId, bootable };
}
