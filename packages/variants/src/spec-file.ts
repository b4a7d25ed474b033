import type { RegionRole } from "@bootstamp/layout";
import type { AsWritten, EditItem } from "./edit-item.ts";

/** What a spec may say about its base, for the whole of which docs/SPEC.md is the reference. */
export interface BaseItem {
  readonly image: string;
  readonly sha256?: string | undefined;
  readonly "sector-size"?: 512 | 4096 | undefined;
}

/** Exactly one of them. */
export interface RegionItem {
  readonly label?: string | undefined;
  readonly number?: number | undefined;
  readonly type?: string | undefined;
  readonly role?: RegionRole | undefined;
}

/** For one format; what is left out is the format's own choice. */
export interface CompressionItem {
  readonly engine?: string | undefined;
  readonly level?: number | undefined;
  readonly extreme?: boolean | undefined;
  readonly check?: string | undefined;
}

/** What later variants may do; at least one of `files`, `bytes` and `slots`. */
export interface ReserveItem {
  readonly files?: readonly (string | { readonly path: string; readonly room: number })[] | undefined;
  /** Bytes. */
  readonly bytes?: number | undefined;
  readonly directory?: string | undefined;
  readonly slots?: readonly string[] | undefined;
}

/** Bytes that a file of a reserve may grow by where that is not said. */
export const defaultRoom = "16KiB";

export interface OutputItem {
  readonly directory: string;
  /** Default {@link defaultOutputName}. */
  readonly name?: string | undefined;
  readonly formats: readonly string[];
  readonly digests: readonly DigestName[];
  readonly bmap: boolean;
  readonly stamps: StampsChoice;
  /** By format. */
  readonly compression: Readonly<Record<string, CompressionItem | undefined>>;
}

export const defaultOutputName = "{{ variant }}.raw";

/** SHA-256 of the artifact and of what it decompresses to; the fs-verity digest of either. */
export const digestNames = ["sha256", "raw-sha256", "fsverity", "raw-fsverity"] as const;

export const defaultDigests: readonly DigestName[] = ["sha256", "raw-sha256"];

/** Whether each variant is made as a stamp too, or as nothing else. */
export const stampsChoices = [false, true, "only"] as const;

export type StampsChoice = (typeof stampsChoices)[number];

export type DigestName = (typeof digestNames)[number];

/** Exactly one of them. */
export interface SecretItem {
  readonly env?: string | undefined;
  readonly file?: string | undefined;
}

/** One place to publish to: exactly one kind of it, and there is one. */
export interface PublishItem {
  readonly s3?: S3Item | undefined;
}

export interface S3Item {
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly release?: string | undefined;
  readonly latest: boolean;
  readonly base?: string | readonly string[] | undefined;
  readonly "equal-parts": boolean;
  readonly checksums: "when-supported" | "when-required" | "none";
  readonly "checksum-algorithm": "crc64nvme" | "crc32";
  readonly "content-type"?: string | undefined;
  readonly "content-disposition"?: string | undefined;
  readonly "cache-control"?: string | undefined;
  readonly "storage-class"?: string | undefined;
  readonly tags: Readonly<Record<string, AsWritten>>;
  readonly sse?: "AES256" | "aws:kms" | "aws:kms:dsse" | undefined;
  readonly "sse-kms-key-id"?: string | undefined;
  readonly overwrite: boolean;
  readonly keep?: number | undefined;
}

export interface VariantItem {
  readonly name: string;
  readonly table?: string | undefined;
  readonly rows?: readonly Readonly<Record<string, AsWritten>>[] | undefined;
  readonly matrix?: Readonly<Record<string, readonly AsWritten[]>> | undefined;
  readonly exclude?: readonly Readonly<Record<string, AsWritten>>[] | undefined;
  readonly values: Readonly<Record<string, AsWritten>>;
  readonly edits: readonly EditItem[];
}

/** A whole spec as the schema leaves it: checked key by key, with defaults, templates not yet parsed. */
export interface SpecFile {
  readonly version: 1;
  readonly base: BaseItem;
  readonly region: RegionItem;
  readonly store: "touched" | "whole" | { readonly reserve: ReserveItem };
  readonly output: OutputItem;
  readonly values: Readonly<Record<string, AsWritten>>;
  readonly secrets: Readonly<Record<string, SecretItem>>;
  readonly "allow-paths": readonly string[];
  readonly edits: readonly EditItem[];
  readonly variants: readonly VariantItem[];
  readonly publish: readonly PublishItem[];
}
