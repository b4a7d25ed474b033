import type { PointTable } from "./point-table.ts";

/** Where inflating a .gz may begin, all over it. Offsets and lengths in bytes. */
export interface GzipIndex {
  /** Of the .gz that it is for, trailing zeros and garbage included. */
  readonly packedLength: number;
  /** Of what all its members inflate to. */
  readonly rawLength: number;
  /** The least raw bytes between two points with windows that its maker was asked for. */
  readonly spacing: number;
  /** The first is at raw offset 0. */
  readonly points: PointTable;
  /** CRC-32 of the raw bytes from each point to the next, or to the end; absent from other programs' indexes. */
  readonly spanCrc32s: Uint32Array | undefined;
  /** The 32 KiB before a point, which are the caller's own; undefined where it has none. */
  window(point: number): Promise<Uint8Array | undefined>;
}

/** From one point to the next, or to the end. */
export interface Span {
  readonly rawOffset: number;
  readonly rawLength: number;
  /** Of the byte that holds the first bit. */
  readonly packedOffset: number;
  /** Behind the byte that holds the last bit. */
  readonly packedEnd: number;
  readonly bits: number;
}

export function spanAt(index: GzipIndex, point: number): Span {
  const { points, rawLength, packedLength } = index;
  const { rawOffset, packedOffset, bits } = points.at(point);
  const next =
    point + 1 < points.length ? points.at(point + 1) : { rawOffset: rawLength, packedOffset: packedLength };
  return {
    rawOffset,
    rawLength: next.rawOffset - rawOffset,
    packedOffset: packedOffset - (bits > 0 ? 1 : 0),
    packedEnd: next.packedOffset,
    bits,
  };
}
