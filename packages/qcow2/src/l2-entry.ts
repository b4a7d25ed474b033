// One cluster's entry in an L2 table. QEMU's docs/interop/qcow2, "Cluster mapping" and "Extended L2 Entries".
//
//   standard    63 COPIED · 62 zero · 61-56 zero · 55-9 host offset · 8-1 zero · 0 reads as zeros (version 3)
//   compressed  62 one · 61-x sectors of 512 bytes, less one · (x-1)-0 host offset, any byte; x = 70 - cluster_bits
//
// With subclusters, a second word: bits 0-31 say which of the 32 are allocated, bits 32-63 which read as zeros.
import type { Qcow2Header } from "./header.ts";
import { narrow } from "./narrow.ts";
import { damaged } from "./qcow2-error.ts";

/**
 * A run of bytes of the disk and where they are. Offsets and lengths in bytes. What is unallocated takes no room in the
 * file, what is zero does; both read as zeros.
 */
export type ClusterRun =
  | { readonly kind: "unallocated" | "zero"; readonly offset: number; readonly length: number }
  | { readonly kind: "data"; readonly offset: number; readonly length: number; readonly hostOffset: number }
  | {
      readonly kind: "compressed";
      readonly offset: number;
      readonly length: number;
      readonly hostOffset: number;
      /** Bytes of the file that hold the compressed cluster, and maybe the beginning of another. */
      readonly packedLength: number;
    };

/** What is known of an image when its entries are read. */
export interface ImageShape {
  readonly header: Qcow2Header;
  readonly fileLength: number;
}

const compressedFlag = 1n << 62n;
const zeroFlag = 1n;
const offsetMask = 0x00ff_ffff_ffff_fe00n;
const reservedMask = 0x3f00_0000_0000_01fen;
const sectorLength = 512;
const subclusterCount = 32;

/**
 * The runs of the cluster at `offset` of the disk. `at` is where the entry is in the file, for messages.
 * @param bitmap the second word where there are subclusters.
 * @throws Qcow2Error `QCOW2_DAMAGED`.
 */
export function clusterRuns(
  shape: ImageShape,
  offset: number,
  entry: bigint,
  bitmap: bigint | undefined,
  at: number,
): ClusterRun[] {
  if ((entry & compressedFlag) !== 0n) return [compressedRun(shape, offset, entry, at)];
  const hostOffset = hostOffsetOf(shape, entry, at);
  if (bitmap !== undefined) {
    if ((entry & zeroFlag) !== 0n) throw damaged(at, "an extended entry has the zero flag");
    return subclusterRuns(shape, offset, hostOffset, bitmap, at);
  }
  const length = lengthAt(shape, offset);
  const isZero = (entry & zeroFlag) !== 0n;
  if (isZero && shape.header.version === 2)
    throw damaged(at, "an entry of a version 2 image has the zero flag");
  if (hostOffset === 0) return [{ kind: "unallocated", offset, length }];
  if (isZero) return [{ kind: "zero", offset, length }];
  return [dataRun(shape, offset, length, hostOffset, at)];
}

function hostOffsetOf(shape: ImageShape, entry: bigint, at: number): number {
  const hostOffset = narrow(entry & offsetMask, at);
  if ((entry & reservedMask) !== 0n)
    throw damaged(at, `reserved bits of the entry ${entry.toString(16)} are set`);
  if (hostOffset % shape.header.clusterLength !== 0)
    throw damaged(at, `an entry has the host offset ${hostOffset}, which is not a cluster's`);
  return hostOffset;
}

/** Of a cluster or subcluster at `offset` of the disk what is inside the disk. */
function lengthAt({ header }: ImageShape, offset: number, length: number = header.clusterLength): number {
  return Math.max(0, Math.min(length, header.length - offset));
}

function dataRun(
  { fileLength }: ImageShape,
  offset: number,
  length: number,
  hostOffset: number,
  at: number,
): ClusterRun {
  if (hostOffset > fileLength - length)
    throw damaged(at, `a cluster at host offset ${hostOffset} ends outside the file of ${fileLength} bytes`);
  return { kind: "data", offset, length, hostOffset };
}

function compressedRun(shape: ImageShape, offset: number, entry: bigint, at: number): ClusterRun {
  const { clusterLength } = shape.header;
  const offsetBits = BigInt(70 - Math.log2(clusterLength));
  const hostOffset = narrow(entry & ((1n << offsetBits) - 1n), at);
  const sectors = Number((entry & (compressedFlag - 1n)) >> offsetBits) + 1;
  if (hostOffset >= shape.fileLength)
    throw damaged(at, `a compressed cluster at host offset ${hostOffset} is outside the file`);
  const end = hostOffset - (hostOffset % sectorLength) + sectors * sectorLength;
  // The last sector of a file need not be whole.
  const packedLength = Math.min(end, shape.fileLength) - hostOffset;
  return { kind: "compressed", offset, length: lengthAt(shape, offset), hostOffset, packedLength };
}

function subclusterRuns(
  shape: ImageShape,
  offset: number,
  hostOffset: number,
  bitmap: bigint,
  at: number,
): ClusterRun[] {
  const allocated = Number(bitmap & 0xffff_ffffn);
  const zero = Number(bitmap >> 32n);
  if ((allocated & zero) !== 0) throw damaged(at, "a subcluster is both allocated and zero");
  if (allocated !== 0 && hostOffset === 0) throw damaged(at, "a subcluster is allocated nowhere");
  const length = shape.header.clusterLength / subclusterCount;
  const runs: ClusterRun[] = [];
  for (let index = 0; index < subclusterCount; index++) {
    const within = index * length;
    const count = lengthAt(shape, offset + within, length);
    if (count === 0) break;
    const place = { offset: offset + within, length: count };
    if (((allocated >>> index) & 1) === 1)
      runs.push(dataRun(shape, place.offset, count, hostOffset + within, at));
    else runs.push({ kind: hostOffset === 0 ? "unallocated" : "zero", ...place });
  }
  return runs;
}
