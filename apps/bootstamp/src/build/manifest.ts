import type { EncodeSettings, Extent } from "@bootstamp/segment-map";

/** What is known of an artifact as soon as it is stamped. */
export interface ArtifactFacts {
  /** Bytes of the artifact. */
  readonly length: number;
  readonly rawLength: number;
  /** CRC-32 of the raw bytes, eight hex digits. Absent where neither the base was at hand nor the format keeps one. */
  readonly rawCrc32?: string;
  /**
   * CRC-64/NVME of the artifact's bytes, as S3 writes it: base64 of the big-endian value. Absent where that of the
   * stampable image is not known.
   */
  readonly crc64nvme?: string;
}

/** What takes a reading of the whole; absent where it was not asked for. In hex. */
export interface ArtifactDigests {
  readonly sha256?: string;
  readonly rawSha256?: string;
  /** fs-verity digests: SHA-256, blocks of 4096 bytes, no salt. */
  readonly fsverity?: string;
  readonly rawFsverity?: string;
}

/** What manifest.json says of one artifact. */
export interface ArtifactRecord extends ArtifactFacts, ArtifactDigests {
  readonly variant: string;
  /** SHA-256 over the edits and all else that decides on the artifact's bytes. */
  readonly identity: string;
  /** SHA-256 over the edits alone; absent in what earlier versions made. */
  readonly edits?: string;
  readonly file: string;
  readonly format: string;
  /** File name of the bmap, where one was asked for. */
  readonly bmap?: string;
}

/** What manifest.json says of one stamp. */
export interface StampRecord {
  readonly variant: string;
  /** SHA-256 over all that decides on the stamp's bytes. */
  readonly identity: string;
  readonly file: string;
  readonly length: number;
  readonly sha256: string;
  /** What it makes of each stampable image, where these artifacts are not made themselves. */
  readonly artifacts?: readonly ForetoldRecord[];
}

export type ForetoldRecord = Omit<ArtifactRecord, "variant" | "file" | "bmap">;

/** What manifest.json says of a stampable image, one for each format. */
export interface StampableRecord extends Partial<EncodeSettings> {
  /** SHA-256 over the base, the format, its settings, and what is stored. */
  readonly identity: string;
  readonly format: string;
  /** `s3://BUCKET/KEY`, where it was found there and not pressed: then nothing is known of its settings. */
  readonly object?: string;
  readonly length: number;
  readonly stored: readonly Extent[];
  /** File name, where the stampable image stands beside the stamps that are made for it; and its digest. */
  readonly file?: string;
  readonly sha256?: string;
}

/** What manifest.json says where only some of a spec's variants are. */
export interface ShardRecord {
  /** Of the whole release, see `releaseIdentity`. */
  readonly release: string;
  /** The names of all its variants, in the spec's order. */
  readonly variants: readonly string[];
}

export interface Manifest {
  readonly manifest: 1;
  readonly generator: string;
  /** Absent where all variants of the spec are. */
  readonly shard?: ShardRecord;
  readonly base: {
    readonly image: string;
    readonly length: number;
    /** Absent where the raw image was not at hand. */
    readonly sha256?: string;
    readonly region: { readonly number: number; readonly offset: number; readonly length: number };
  };
  readonly stampables: readonly StampableRecord[];
  readonly artifacts: readonly ArtifactRecord[];
  /** Absent where none were asked for. */
  readonly stamps?: readonly StampRecord[];
}

/** A file that stands beside manifest.json and is listed in it. */
export interface ListedFile {
  readonly file: string;
  readonly length: number;
  readonly sha256?: string;
}

/** All files that a manifest lists: bases, artifacts, stamps. */
export function listedFiles(manifest: Pick<Manifest, "artifacts"> & Partial<Manifest>): ListedFile[] {
  const { stampables = [], artifacts, stamps = [] } = manifest;
  const bases = stampables.flatMap(({ file, ...rest }) => (file === undefined ? [] : [{ ...rest, file }]));
  return [...bases, ...artifacts, ...stamps];
}

/** The names of all files that a manifest has: the listed ones, and bmaps. */
export function namesIn(manifest: Manifest): string[] {
  const bmaps = manifest.artifacts.flatMap(({ bmap }) => bmap ?? []);
  return [...listedFiles(manifest).map(({ file }) => file), ...bmaps];
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** SHA256SUMS as coreutils writes and checks it: names with a backslash or line break are escaped and marked. */
export function checksumsText(files: readonly Pick<ListedFile, "file" | "sha256">[]): string {
  return files
    .flatMap(({ sha256, file }) => (sha256 === undefined ? [] : [checksumLine(sha256, file)]))
    .join("");
}

function checksumLine(sha256: string, file: string): string {
  const escaped = file.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `${escaped === file ? "" : "\\"}${sha256}  ${escaped}\n`;
}

/** A CRC-64/NVME as S3's API has it. */
export function base64OfCrc64(crc: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(crc);
  return bytes.toString("base64");
}
