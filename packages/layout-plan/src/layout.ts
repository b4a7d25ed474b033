import type { YamlDocument } from "@bootstamp/declaration";
import type { SectorLength } from "@bootstamp/layout";
import type { FileSystemName, LayoutFile, PaddingItem } from "./layout-file.ts";
import type { LayoutNote } from "./layout-plan-error.ts";

/** A file system that is to be made in a partition. */
export interface FileSystemChoice {
  readonly name: FileSystemName;
  /** "" for none. FAT: at most 11 characters; ext4: at most 16 bytes. */
  readonly label: string;
  /** A GUID in lower case; of FAT the volume id as "7b7795e7". */
  readonly uuid: string;
}

/** What a partition is filled with. Paths are as they were written. */
export type PartitionContent =
  | { readonly kind: "nothing" }
  | { readonly kind: "image"; readonly path: string }
  | { readonly kind: "directory"; readonly path: string; readonly fileSystem: FileSystemChoice }
  | { readonly kind: "file-system"; readonly fileSystem: FileSystemChoice };

/** One partition of a checked layout. Lengths and offsets are bytes. */
export interface LayoutPartition {
  /** Its place in the file's list, for positions. */
  readonly index: number;
  readonly name: string;
  /** As given; {@link numberPartitions} has the others. */
  readonly number: number | undefined;
  /** GPT: the type's GUID in lower case; MBR: the system id as "0x0c". */
  readonly typeId: string;
  /** Its own GUID in lower case; of an MBR's partition only what its file system's is derived from. */
  readonly uuid: string;
  readonly placement: "primary" | "extended" | "logical";
  readonly size: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly weight: number | undefined;
  readonly padding: PaddingItem;
  readonly offset: number | undefined;
  readonly align: number | undefined;
  /** GPT attribute bits, ascending. */
  readonly attributes: readonly number[];
  readonly bootable: boolean;
  readonly priority: number;
  readonly variable: boolean;
  readonly grows: boolean;
  readonly reserve: number;
  readonly content: PartitionContent;
}

/** A layout that was read and checked, whatever it was written in, ready to be planned. */
export interface Layout {
  readonly table: "gpt" | "mbr";
  readonly sectors: readonly SectorLength[];
  readonly size: number | "fit";
  /** GPT: a GUID in lower case; MBR: a signature as "0x1234abcd". */
  readonly diskId: string;
  readonly align: number;
  readonly first: number | undefined;
  readonly entries: number;
  readonly order: LayoutFile["order"];
  /** In the order in which they were written. */
  readonly partitions: readonly LayoutPartition[];
  /** What was left out when it was imported. */
  readonly notes: readonly LayoutNote[];
  /** What it was read from: positions, and what {@link formatLayout} writes. */
  readonly document: YamlDocument;
}
