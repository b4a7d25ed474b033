import type { SectorLength } from "@bootstamp/layout";

/** Free space behind a partition, in bytes. */
export interface PaddingItem {
  readonly min: number;
  readonly max?: number | undefined;
  readonly weight: number;
}

/** One partition as the schema leaves it; docs/LAYOUT.md is the reference. Lengths and offsets are bytes. */
export interface PartitionItem {
  readonly name: string;
  readonly number?: number | undefined;
  /** Its text is taken as it is written. */
  readonly type: string | number;
  readonly uuid?: string | undefined;
  readonly size?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly weight?: number | undefined;
  readonly padding: PaddingItem;
  readonly offset?: number | undefined;
  readonly align?: number | undefined;
  readonly attributes: readonly (string | number)[];
  readonly bootable: boolean;
  readonly logical?: boolean | undefined;
  readonly priority: number;
  readonly variable: boolean;
  readonly grows: boolean;
  readonly reserve: number;
  readonly image?: string | undefined;
  readonly directory?: string | undefined;
  readonly "file-system"?: FileSystemName | undefined;
  readonly "file-system-label"?: string | undefined;
  /** Its text is taken as it is written. */
  readonly "file-system-uuid"?: string | number | undefined;
}

export const fileSystemNames = ["fat", "ext4"] as const;

/** A file system that can be made. */
export type FileSystemName = (typeof fileSystemNames)[number];

export const diskOrders = ["variable-last", "as-written"] as const;

/** A whole layout as the schema leaves it: checked key by key, with defaults. */
export interface LayoutFile {
  readonly version: 1;
  readonly table: "gpt" | "mbr";
  readonly sectors: readonly SectorLength[];
  readonly size: number | "fit";
  /** Its text is taken as it is written. */
  readonly "disk-id"?: string | number | undefined;
  readonly seed?: string | undefined;
  readonly architecture?: string | undefined;
  readonly align: number;
  readonly first?: number | undefined;
  readonly entries: number;
  readonly order: (typeof diskOrders)[number];
  readonly partitions: readonly PartitionItem[];
}
