import type { FatGeometry } from "./fat-geometry.ts";

/** Clusters that follow one another and belong together. */
export interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

/** Encodes a file allocation table up to `next`, the first cluster that no run has; the rest of it is zero. */
export function encodeFat({ width }: FatGeometry, runs: readonly ClusterRun[], next: number): Buffer {
  const mask = 2 ** width - 1;
  // FAT32 leaves the upper four bits of an entry alone.
  const end = width === 32 ? 0x0fff_ffff : mask;
  const values = new Map([
    [0, width === 32 ? 0x0fff_fff8 : mask - 7],
    [1, end],
  ]);
  for (const { first, count } of runs) {
    for (let index = 0; index < count; index++)
      values.set(first + index, index === count - 1 ? end : first + index + 1);
  }
  const fat = Buffer.alloc(Math.ceil((next * width) / 8) + 4);
  for (const [cluster, value] of values) putEntry(fat, width, cluster, value);
  return fat.subarray(0, Math.ceil((next * width) / 8));
}

function putEntry(fat: Buffer, width: number, cluster: number, value: number): void {
  if (width === 32) fat.writeUInt32LE(value, cluster * 4);
  else if (width === 16) fat.writeUInt16LE(value, cluster * 2);
  else {
    const at = Math.floor(cluster * 1.5);
    const both = fat.readUInt16LE(at);
    fat.writeUInt16LE(cluster % 2 === 0 ? (both & 0xf000) | value : (both & 0x000f) | (value << 4), at);
  }
}
