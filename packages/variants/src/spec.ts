import type { RegionChoice } from "@bootstamp/layout";
import type { Compiled } from "./compile-templates.ts";
import type { EditItem } from "./edit-item.ts";
import type { HostFiles } from "./host-files.ts";
import type { SecretStore } from "./secret-store.ts";
import type { DigestName, StampsChoice } from "./spec-file.ts";
import type { SpecPosition } from "./spec-error.ts";
import type { Table } from "./table.ts";
import type { Scope } from "./template-scope.ts";
import type { Template } from "./template.ts";

/** A spec that has been read and checked: all of it but the files that its edits name. */
export interface Spec {
  /** As the caller named it, for messages. */
  readonly file: string;
  /** The folder of the spec: absolute, without symbolic links. */
  readonly directory: string;
  readonly base: BaseChoice;
  readonly region: RegionChoice;
  readonly store: StoreChoice;
  readonly output: OutputChoice;
  /** Where the artifacts are published, in the order of the file. */
  readonly publish: readonly PublishChoice[];
  /** The variants as they are declared, before tables and matrices are expanded. */
  readonly groups: readonly VariantGroup[];
  readonly files: HostFiles;
  readonly secrets: SecretStore;
}

export interface BaseChoice {
  /** Absolute. It need not be below the spec's folder: a base is parsed as a disk, its bytes go nowhere else. */
  readonly image: string;
  readonly position: SpecPosition;
  /** Lower-case hexadecimal. */
  readonly sha256?: string;
  /** In bytes; absent: to be found. */
  readonly sectorSize?: 512 | 4096;
}

/** What is stored: what the variants change, all of the region, or more than the variants change. */
export type StoreChoice = "touched" | "whole" | { readonly reserve: ReserveChoice };

/** What variants that come later may do. Its paths are checked. */
export interface ReserveChoice {
  readonly position: SpecPosition;
  /** Files that they rewrite or make, and the bytes that each may grow by. */
  readonly files: readonly { readonly path: string; readonly room: number }[];
  /** Bytes of files that they make below a directory. */
  readonly newFiles?: { readonly directory: string; readonly bytes: number };
  /** Files that they fill where they lie. */
  readonly slots: readonly string[];
}

export interface OutputChoice {
  /** Absolute; it need not exist. */
  readonly directory: string;
  readonly position: SpecPosition;
  /** File endings without a dot. */
  readonly formats: readonly string[];
  readonly digests: readonly DigestName[];
  readonly bmap: boolean;
  readonly stamps: StampsChoice;
  /** By format, of those in `formats` and others. A format that is not there is left to its own choice. */
  readonly compression: ReadonlyMap<string, CompressionChoice>;
}

/** How one format compresses; what is absent is the format's own choice. */
export interface CompressionChoice {
  readonly engine?: string;
  readonly level?: number;
  readonly extreme?: boolean;
  readonly check?: string;
}

/** A place of an object store, and how objects are put there. What is absent is that store's own choice. */
export interface PublishChoice {
  readonly position: SpecPosition;
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly release?: string;
  readonly latest: boolean;
  /** `s3://bucket/key` of stampable images there, one for each format; none: what a build made. */
  readonly bases: readonly string[];
  readonly equalParts: boolean;
  readonly checksums: "when-supported" | "when-required" | "none";
  readonly checksumAlgorithm: "crc64nvme" | "crc32";
  readonly settings: PublishSettings;
  readonly overwrite: boolean;
  /** How many releases stay; absent: all. */
  readonly keep?: number;
}

/** What the objects get beside their bytes. */
export interface PublishSettings {
  readonly contentType?: string;
  readonly contentDisposition?: string;
  readonly cacheControl?: string;
  readonly storageClass?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly encryption?: "AES256" | "aws:kms" | "aws:kms:dsse";
  readonly kmsKeyId?: string;
}

/** One item of `variants`: one variant, or one per row and combination. */
export interface VariantGroup {
  readonly position: SpecPosition;
  readonly name: Template;
  /** File name of the artifact, without the ending of a format. */
  readonly outputName: Template;
  /** Absent: one variant per combination of the matrix. */
  readonly table?: Table;
  /** In the order of the file; empty: one variant per row. */
  readonly matrix: ReadonlyMap<string, readonly string[]>;
  readonly exclude: readonly MatrixExclusion[];
  readonly values: ReadonlyMap<string, string>;
  /** The shared edits, then its own. */
  readonly edits: readonly EditSource[];
  /** What templates of its edits may name. */
  readonly scope: Scope;
}

/** Leaves out every combination that has these values. */
export interface MatrixExclusion {
  readonly position: SpecPosition;
  readonly values: ReadonlyMap<string, string>;
}

/** An edit as the spec has it, its texts parsed as templates. */
export interface EditSource {
  readonly position: SpecPosition;
  readonly item: Compiled<EditItem>;
}
