import { createHash } from "node:crypto";
import { bulkCrc64nvme, crc32, crc64nvme, type BulkChecksum64 } from "@bootstamp/crc";
import type { Store } from "./store.ts";

/** What is known of a run of bytes by reading it once. */
export interface RunChecksums {
  /** In hex, as an ETag has it. */
  readonly md5: string;
  readonly crc64nvme: bigint;
}

let loading: Promise<BulkChecksum64> | undefined;

export async function checksumsOf(bytes: Uint8Array): Promise<RunChecksums> {
  const checksum = await (loading ??= bulkCrc64nvme());
  return { md5: createHash("md5").update(bytes).digest("hex"), crc64nvme: checksum(bytes) };
}

/** What {@link base64OfCrc64} made; undefined for anything else. */
export function crc64OfBase64(text: string | undefined): bigint | undefined {
  const bytes = Buffer.from(text ?? "", "base64");
  return bytes.length === crc64nvme.byteLength ? bytes.readBigUInt64BE() : undefined;
}

/** A CRC-32 in base64, as S3's API has it; undefined for anything else. */
export function crc32OfBase64(text: string | undefined): number | undefined {
  const bytes = Buffer.from(text ?? "", "base64");
  return bytes.length === crc32.byteLength ? bytes.readUInt32BE() : undefined;
}

/** A CRC-64/NVME as S3's API has it: base64 of the big-endian value. */
export function base64OfCrc64(crc: bigint): string {
  const bytes = Buffer.alloc(crc64nvme.byteLength);
  bytes.writeBigUInt64BE(crc);
  return bytes.toString("base64");
}

function base64OfCrc32(crc: number): string {
  const bytes = Buffer.alloc(crc32.byteLength);
  bytes.writeUInt32BE(crc);
  return bytes.toString("base64");
}

interface ChecksumHeaders {
  readonly ContentMD5?: string;
  readonly ChecksumCRC64NVME?: string;
  readonly ChecksumCRC32?: string;
}

/** What goes along with a body so that the server can check it. */
export function bodyChecksums({ settings }: Store, bytes: Uint8Array, known: RunChecksums): ChecksumHeaders {
  if (settings.checksums === "none") return {};
  const headers = { ContentMD5: Buffer.from(known.md5, "hex").toString("base64") };
  if (settings.checksums === "when-required") return headers;
  return settings.checksumAlgorithm === "crc32"
    ? { ...headers, ChecksumCRC32: base64OfCrc32(crc32.of(bytes)) }
    : { ...headers, ChecksumCRC64NVME: base64OfCrc64(known.crc64nvme) };
}

/** The checksums of a whole object, by which it can be known; absent where they would take a reading of it. */
export interface WholeChecksums {
  readonly crc64nvme?: bigint | undefined;
  /** CRC-32 of the object's bytes; only for stores that check by it. */
  readonly crc32?: number | undefined;
}

/** Asks for a checksum over the whole object, at the beginning of a multipart upload. */
export function uploadChecksums(
  { settings }: Store,
  whole: WholeChecksums,
): { ChecksumAlgorithm?: "CRC32" | "CRC64NVME"; ChecksumType?: "FULL_OBJECT" } {
  if (settings.checksums !== "when-supported") return {};
  if (settings.checksumAlgorithm === "crc64nvme")
    return { ChecksumAlgorithm: "CRC64NVME", ChecksumType: "FULL_OBJECT" };
  return whole.crc32 === undefined ? {} : { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" };
}

/** What the whole object must come to, at the end of a multipart upload; nothing where that is not known. */
export function wholeChecksums(
  store: Store,
  whole: WholeChecksums,
): { ChecksumType?: "FULL_OBJECT"; ChecksumCRC64NVME?: string; ChecksumCRC32?: string } {
  const { ChecksumAlgorithm, ChecksumType } = uploadChecksums(store, whole);
  if (ChecksumType === undefined) return {};
  const { crc32: short, crc64nvme: long } = whole;
  if (ChecksumAlgorithm === "CRC32")
    return short === undefined ? {} : { ChecksumType, ChecksumCRC32: base64OfCrc32(short) };
  return long === undefined ? {} : { ChecksumType, ChecksumCRC64NVME: base64OfCrc64(long) };
}
