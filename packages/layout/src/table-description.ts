import type { SectorLength } from "./partition-table.ts";

/**
 * A partition table in numbers, before it is written or after it was read: `composeTable` turns it into bytes,
 * `describeTable` makes it from a table that was read. All offsets and lengths are bytes, whole sectors.
 */
export type TableDescription = GptDescription | MbrDescription;

export interface GptDescription {
  readonly kind: "gpt";
  readonly sectorLength: SectorLength;
  /** Of the whole image. */
  readonly diskLength: number;
  /** The disk's GUID. */
  readonly diskId: string;
  /** How many partitions there is room for; 128 if not said. */
  readonly entryCount?: number;
  /** Bytes of an entry: 128, which is what is meant if not said, times a power of two. */
  readonly entryLength?: number;
  /** Where partitions may lie; as `gptUsable` says if not said. */
  readonly usable?: ByteRange;
  readonly partitions: readonly GptPartitionDescription[];
}

export interface MbrDescription {
  readonly kind: "mbr";
  readonly sectorLength: SectorLength;
  /** Of the whole image. */
  readonly diskLength: number;
  /** The disk signature, as "0x1234abcd". */
  readonly diskId: string;
  readonly partitions: readonly MbrPartitionDescription[];
}

/** A run of bytes of the image. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface GptPartitionDescription extends ByteRange {
  /** As Linux counts, from 1. Gaps are allowed, and so is an order other than that of the offsets. */
  readonly number: number;
  /** The type's GUID. */
  readonly typeId: string;
  /** The partition's own GUID, Linux's PARTUUID. */
  readonly uniqueId: string;
  /** At most 36 UTF-16 units, none of them null. */
  readonly name: string;
  /** The numbers of the bits that are set, 0 to 63: 2 is "legacy BIOS bootable". */
  readonly attributes: readonly number[];
}

export interface MbrPartitionDescription extends ByteRange {
  /** Primary and extended partitions: 1 to 4. Logical ones: from 5, without gaps. */
  readonly number: number;
  /** An extended partition only contains the logical ones, each behind a boot record of a sector of its own. */
  readonly placement: "primary" | "extended" | "logical";
  /** The system id, as "0x0c". */
  readonly typeId: string;
  /** Whether the active flag is set. */
  readonly bootable: boolean;
}
