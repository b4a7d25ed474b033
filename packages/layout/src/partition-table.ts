/** Bytes of one logical sector: what the LBAs of a table count. */
export type SectorLength = 512 | 4096;

export type PartitionPlacement =
  /** An entry of the GPT, or one of the four of an MBR. */
  | "primary"
  /** An MBR entry that only contains logical partitions: nothing to edit in it. */
  | "extended"
  /** A partition inside the extended one, numbered from 5. */
  | "logical"
  /** The whole of an image that has no table. */
  | "whole-image";

/** One partition. Offset and length are bytes of the image. */
export interface Partition {
  /** As Linux counts: from 1, logical partitions from 5; 0 is the whole of an image without a table. */
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  readonly placement: PartitionPlacement;
  /** GPT: the type GUID in lower case. MBR: the system id as "0x0c". "" without a table. */
  readonly typeId: string;
  /** The identifier of a known type, as systemd-repart spells it ("esp", "root-x86-64"), else undefined. */
  readonly typeName: string | undefined;
  /** What Linux calls PARTUUID: a GUID in lower case, or disk signature and number ("1234abcd-01"). */
  readonly uniqueId: string | undefined;
  /** The GPT partition name, "" where there is none. Comes from the image: quote it before printing. */
  readonly name: string;
  /** The GPT attribute bits that are set, 0 to 63, ascending. Empty in an MBR. */
  readonly attributes: readonly number[];
  /** GPT: attribute bit 2 (legacy BIOS bootable). MBR: the active flag. */
  readonly bootable: boolean;
}

/** What LBA 0 says about the GPT: `hybrid` has entries of its own beside the protective one. */
export type Protection = "protective" | "hybrid";

export type TableWarningCode = "BACKUP_NOT_AT_END" | "BACKUP_ABSENT" | "HYBRID_MBR" | "STALE_GPT";

/** Something odd about a table that can still be read without doubt. */
export interface TableWarning {
  readonly code: TableWarningCode;
  readonly message: string;
}

/** How a GPT is laid out around its partitions. */
export interface GptFrame {
  /** How many partitions there is room for. */
  readonly entryCount: number;
  /** Bytes of one entry. */
  readonly entryLength: number;
  /** The bytes in which partitions may lie. */
  readonly usable: { readonly offset: number; readonly length: number };
}

/** A checked table: all partitions lie inside the image, and none overlaps another or the table itself. */
export interface PartitionTable {
  readonly kind: "gpt" | "mbr" | "none";
  readonly sectorLength: SectorLength;
  /** GPT: disk GUID in lower case. MBR: disk signature as "0x1234abcd". */
  readonly diskId: string | undefined;
  /** Only of a GPT. */
  readonly protection: Protection | undefined;
  /** Only of a GPT. */
  readonly gpt: GptFrame | undefined;
  readonly warnings: readonly TableWarning[];
  /** In the order of their numbers. */
  readonly partitions: readonly Partition[];
}
