import { crc32 as platformCrc32 } from "node:zlib";
import { createCRC64 } from "hash-wasm";
import { Crc } from "./crc.ts";
import { field32 } from "./field-32.ts";
import { field64 } from "./field-64.ts";
import { tableChecksum32 } from "./table-32.ts";
import { tableChecksum64 } from "./table-64.ts";

// Polynomials in reflected form; names and check values as in the catalogue of parametrised CRC algorithms.
const polynomial32 = 0xedb8_8320;
const polynomial32c = 0x82f6_3b78;
const polynomial64xz = 0xc96c_5795_d787_0f42n;
const polynomial64nvme = 0x9a6c_9329_ac4b_c9b5n;

/** CRC-32 of gzip (RFC 1952 §8), xz, zip and GPT. */
export const crc32: Crc<number> = new Crc("CRC-32", 4, field32(polynomial32), (bytes, previous) =>
  platformCrc32(bytes, previous),
);

/** CRC-32C (Castagnoli) of ext4, iSCSI and S3. */
export const crc32c: Crc<number> = new Crc(
  "CRC-32C",
  4,
  field32(polynomial32c),
  tableChecksum32(polynomial32c),
);

/** CRC-64/XZ of xz (xz file format §6); also known as CRC-64/GO-ECMA. */
export const crc64xz: Crc<bigint> = new Crc(
  "CRC-64/XZ",
  8,
  field64(polynomial64xz),
  tableChecksum64(polynomial64xz),
);

/** CRC-64/NVME of S3's full-object checksums (NVM Command Set Specification §5.2.1.3.4). */
export const crc64nvme: Crc<bigint> = new Crc(
  "CRC-64/NVME",
  8,
  field64(polynomial64nvme),
  tableChecksum64(polynomial64nvme),
);

/** Computes the CRC of some bytes alone; join results with {@link Crc.combine}. */
export type BulkChecksum64 = (bytes: Uint8Array) => bigint;

/** CRC-64/NVME at about 1 GB/s, for whole files. Not for more than one caller at a time: it keeps a running state. */
export async function bulkCrc64nvme(): Promise<BulkChecksum64> {
  const hasher = await createCRC64(polynomial64nvme.toString(16));
  return (bytes) => BigInt(`0x${hasher.init().update(bytes).digest("hex")}`);
}

/** CRC-64/XZ at about 1 GB/s, for whole files. Not for more than one caller at a time: it keeps a running state. */
export async function bulkCrc64xz(): Promise<BulkChecksum64> {
  const hasher = await createCRC64(polynomial64xz.toString(16));
  return (bytes) => BigInt(`0x${hasher.init().update(bytes).digest("hex")}`);
}
