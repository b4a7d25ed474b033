import type { TextPosition } from "@bootstamp/declaration";
import type { ByteRange, TableDescription } from "@bootstamp/layout";
import type { PartitionContent } from "./layout.ts";
import type { LayoutNote } from "./layout-plan-error.ts";

/** One partition with its place in the image. */
export interface PlannedPartition extends ByteRange {
  readonly number: number;
  /** "" for none. In an MBR it is only what messages call the partition. */
  readonly name: string;
  readonly placement: "primary" | "extended" | "logical";
  readonly variable: boolean;
  readonly grows: boolean;
  /** Bytes kept free beside the content, if its size was taken from that. */
  readonly reserve: number;
  readonly content: PartitionContent;
  /** Where the layout says it. */
  readonly position: TextPosition;
}

/** A layout in numbers, for one length of sectors. */
export interface PlannedLayout {
  /** What `composeTable` takes. */
  readonly table: TableDescription;
  /** In the order of their numbers. */
  readonly partitions: readonly PlannedPartition[];
  readonly notes: readonly LayoutNote[];
}
