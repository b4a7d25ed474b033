import type { ByteRange, FileSystemProbe, TableDescription } from "@bootstamp/layout";
import type { BootLoader } from "./boot-loader.ts";

export type RelayoutNoteCode =
  /** The order on disk is no longer that of the numbers, which stay. */
  | "NUMBERS_KEPT"
  /** What was behind all others no longer is: it cannot grow on the first boot. */
  | "CANNOT_GROW"
  /** A boot loader still finds what it reads. */
  | "BOOT_LOADER_KEPT"
  /** A boot loader may, or does, no longer find what it reads. */
  | "BOOT_LOADER_MOVED"
  /** Bytes that belong to no partition are left behind. */
  | "STRAY_DATA"
  /** A FAT gets another number of bits. */
  | "OTHER_FAT";

/** Something that a person should know before the new image is used. */
export interface RelayoutNote {
  readonly code: RelayoutNoteCode;
  readonly message: string;
}

/** What becomes of one partition. */
export interface PartitionMove {
  readonly number: number;
  readonly from: ByteRange;
  readonly to: ByteRange;
  /** Copied byte by byte, shrunk by resize2fs, made anew from its files, or a container of logical partitions. */
  readonly content: "copied" | "shrunk" | "remade" | "contains";
  /** As far as it is known. */
  readonly fileSystem: FileSystemProbe["name"] | undefined;
}

/** A new image in numbers, before it is written. */
export interface RelayoutPlan {
  /** The old table and the new one: the same partitions with the same numbers, ids, types and names. */
  readonly before: TableDescription;
  readonly after: TableDescription;
  /** In the order in which they lie in the new image. */
  readonly moves: readonly PartitionMove[];
  readonly bootLoaders: readonly BootLoader[];
  readonly notes: readonly RelayoutNote[];
  /** Seconds since 1970, of what is shrunk or made anew. */
  readonly clock: number;
}
