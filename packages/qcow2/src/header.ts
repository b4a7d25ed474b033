// The header of a qcow2 image. QEMU's docs/interop/qcow2, "Header". Big-endian.
//
//   0   "QFI" FB    4   version 2 or 3
//   8   backing_file_offset (8)   16  backing_file_size
//   20  cluster_bits              24  size (8), of the disk inside
//   32  crypt_method 0            36  l1_size, in entries
//   40  l1_table_offset (8)       48  refcounts and snapshots, which a reader needs nothing of
//   version 3 goes on:
//   72  incompatible_features (8) 80  compatible, auto-clear features (16)
//   96  refcount_order            100 header_length
//   104 compression_type (1), if header_length reaches there
//
// Internal snapshots are left alone: they are other L1 tables than the one that the header names.
import type { ByteSource } from "@bootstamp/byte-source";
import { quoteText } from "@bootstamp/fault";
import { nameFeatures } from "./feature-names.ts";
import { narrow } from "./narrow.ts";
import { damaged, Qcow2Error, type Qcow2ErrorCode } from "./qcow2-error.ts";

export type ClusterCompression = "deflate" | "zstd";

export interface Qcow2Header {
  readonly version: 2 | 3;
  /** Of the disk inside, in bytes. */
  readonly length: number;
  /** A power of two from 512 to 2 MiB. */
  readonly clusterLength: number;
  /** How those clusters are compressed that are. */
  readonly compression: ClusterCompression;
  /** Whether each cluster is allocated in 32 parts. */
  readonly hasSubclusters: boolean;
  /** Where the active L1 table is in the file, and how many entries it has. */
  readonly l1Offset: number;
  readonly l1Count: number;
}

const magic = 0x5146_49fb;
const headerLengthV2 = 72;
const headerLengthV3 = 104;
const compressionTypeOffset = 104;
/** QEMU's own limit; it bounds what a hostile header can ask for. */
const maxL1Length: number = 32 << 20;
const maxNameLength = 1023;

// Bits of incompatible_features.
const dirtyBit = 0;
const corruptBit = 1;
const externalDataBit = 2;
const compressionTypeBit = 3;
const extendedL2Bit = 4;
const knownFeatures = 0b11111n;

/** Whether a file that begins with these bytes, 4 at least, is a qcow2 image. Other versions' too. */
export function isQcow2(firstBytes: Uint8Array): boolean {
  return firstBytes.length >= 4 && viewOf(firstBytes).getUint32(0) === magic;
}

/**
 * Reads the header and refuses what cannot be read right.
 * @throws Qcow2Error every code but `QCOW2_CLUSTER_DAMAGED`.
 */
export async function readHeader(file: ByteSource): Promise<Qcow2Header> {
  const bytes = await file.read(0, Math.min(file.length, compressionTypeOffset + 8));
  if (!isQcow2(bytes)) throw notQcow2(bytes);
  const view = viewOf(bytes);
  checkReadable(view, headerLengthV2);
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3)
    throw unsupported("QCOW2_VERSION", `it has version ${version}, expected 2 or 3`);
  if (version === 3) checkReadable(view, headerLengthV3);
  const features = version === 3 ? view.getBigUint64(72) : 0n;
  await refuseFeatures(file, view, features);
  await refuseOthersBytes(file, view);
  return checkTables(file, {
    version,
    length: narrow(view.getBigUint64(24), 24),
    clusterLength: clusterLengthOf(view.getUint32(20), hasBit(features, extendedL2Bit)),
    compression: compressionOf(view, version, features),
    hasSubclusters: hasBit(features, extendedL2Bit),
    l1Offset: narrow(view.getBigUint64(40), 40),
    l1Count: view.getUint32(36),
  });
}

function checkReadable(view: DataView, length: number): void {
  if (view.byteLength < length)
    throw damaged(0, `the file ends after ${view.byteLength} of the header's ${length} bytes`);
  if (length === headerLengthV3 && headerLengthOf(view) < headerLengthV3)
    throw damaged(100, `its header has ${headerLengthOf(view)} bytes, expected ${headerLengthV3} at least`);
}

function headerLengthOf(view: DataView): number {
  return view.getUint32(100);
}

async function refuseFeatures(file: ByteSource, view: DataView, features: bigint): Promise<void> {
  if (hasBit(features, corruptBit)) throw unsupported("QCOW2_MARKED_CORRUPT", "it is marked as corrupt");
  if (hasBit(features, dirtyBit)) throw unsupported("QCOW2_DIRTY", "it is marked as in use");
  if (hasBit(features, externalDataBit))
    throw unsupported("QCOW2_EXTERNAL_DATA", "its data is in another file");
  const unknown = features & ~knownFeatures;
  if (unknown === 0n) return;
  const names = await nameFeatures(file, headerLengthOf(view), unknown);
  throw unsupported("QCOW2_UNKNOWN_FEATURE", `it needs ${names.join(", ")}`);
}

/** Refuses images whose bytes are not their own, or not plain. */
async function refuseOthersBytes(file: ByteSource, view: DataView): Promise<void> {
  const backingOffset = view.getBigUint64(8);
  if (backingOffset !== 0n) {
    const name = await readName(file, narrow(backingOffset, 8), view.getUint32(16));
    throw unsupported("QCOW2_BACKING_FILE", `it has the backing file ${quoteText(name)}`);
  }
  const method = view.getUint32(32);
  const methodName = ["", "with AES", "with LUKS"][method] ?? `by method ${method}`;
  if (method !== 0) throw unsupported("QCOW2_ENCRYPTED", `it is encrypted ${methodName}`);
}

async function readName(file: ByteSource, offset: number, length: number): Promise<string> {
  if (length > maxNameLength || offset > file.length - length)
    throw damaged(8, `the backing file's name has ${length} bytes at offset ${offset}`);
  return Buffer.from(await file.read(offset, length)).toString();
}

function clusterLengthOf(bits: number, hasSubclusters: boolean): number {
  const least = hasSubclusters ? 14 : 9;
  if (bits < least) throw damaged(20, `clusters have 2^${bits} bytes, expected 2^${least} at least`);
  if (bits > 21)
    throw unsupported("QCOW2_VERSION", `its clusters have 2^${bits} bytes, expected 2^21 at most`);
  return 2 ** bits;
}

function compressionOf(view: DataView, version: number, features: bigint): ClusterCompression {
  const isPresent = version === 3 && headerLengthOf(view) > compressionTypeOffset;
  if (isPresent && view.byteLength <= compressionTypeOffset)
    throw damaged(compressionTypeOffset, "the file ends inside the header");
  const type = isPresent ? view.getUint8(compressionTypeOffset) : 0;
  if (hasBit(features, compressionTypeBit) !== (type !== 0))
    throw damaged(compressionTypeOffset, `compression type ${type} does not go with the feature bits`);
  if (type > 1) throw unsupported("QCOW2_VERSION", `its compression type is ${type}, expected 0 or 1`);
  return type === 1 ? "zstd" : "deflate";
}

function checkTables(file: ByteSource, header: Qcow2Header): Qcow2Header {
  const { l1Count, l1Offset, length, clusterLength } = header;
  const l1Length = l1Count * 8;
  if (l1Length > maxL1Length)
    throw damaged(36, `the L1 table has ${l1Length} bytes, expected ${maxL1Length} at most`);
  if (l1Offset % clusterLength !== 0)
    throw damaged(40, `the L1 table is at offset ${l1Offset}, which is not a cluster's`);
  if (l1Offset > file.length - l1Length)
    throw damaged(40, `the L1 table of ${l1Length} bytes at offset ${l1Offset} ends outside the file`);
  const entryLength = header.hasSubclusters ? 16 : 8;
  const needed = Math.ceil(length / ((clusterLength / entryLength) * clusterLength));
  if (needed > l1Count)
    throw damaged(36, `the L1 table has ${l1Count} entries, a disk of ${length} bytes takes ${needed}`);
  return header;
}

function hasBit(features: bigint, bit: number): boolean {
  return ((features >> BigInt(bit)) & 1n) === 1n;
}

function notQcow2(bytes: Uint8Array): Qcow2Error {
  const begins = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  return new Qcow2Error("QCOW2_NOT_THIS_FORMAT", `not a qcow2 image: it begins with ${begins}`);
}

function unsupported(code: Qcow2ErrorCode, detail: string): Qcow2Error {
  return new Qcow2Error(code, `cannot read the qcow2 image: ${detail}`);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
