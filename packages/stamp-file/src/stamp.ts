import type { Patch } from "@bootstamp/byte-source";

/** The raw image that a stamp is for. SHA-256 are 64 lower-case hex digits here and below. */
export interface StampBase {
  readonly rawLength: number;
  readonly rawCrc32: number;
  readonly rawSha256?: string;
}

/** What the raw image must be with the stamp in it; its length is the base's. */
export interface StampResult {
  readonly rawCrc32: number;
  readonly rawSha256?: string;
}

/** What one artifact must be: the stamp put into one stampable file. */
export interface StampArtifact {
  /** The stream format's name, such as `gz`: 1 to 16 of `a-z` and `0-9`. */
  readonly format: string;
  /** What tells the stampable file from others of its format: a SHA-256, over what is the maker's affair. */
  readonly stampable: string;
  readonly length: number;
  readonly sha256?: string;
  readonly crc64nvme?: bigint;
  /** The fs-verity digest: SHA-256, blocks of 4096 bytes, no salt. */
  readonly fsverity?: string;
}

/** A variant apart from its base: what to overwrite in the raw image, and what must come of it. */
export interface Stamp {
  /** The variant's name. From a file that others made: quote it before it is shown, and make no path of it. */
  readonly name: string;
  readonly base: StampBase;
  readonly result: StampResult;
  /** In the order of their formats, then of their stampable files, no pair twice. */
  readonly artifacts: readonly StampArtifact[];
  readonly patch: Patch;
}
