// Where the parts of a FAT volume lie (Microsoft, "FAT: General Overview of On-Disk Format" 1.03):
//
//   reserved sectors | FAT | FAT copy | root folder (12 and 16 only) | clusters 2, 3, ...

/** 12, 16 or 32: the bits of one entry of the table. */
export type FatWidth = 12 | 16 | 32;

export interface FatGeometry {
  readonly width: FatWidth;
  /** Bytes. */
  readonly length: number;
  readonly sectorLength: number;
  readonly clusterLength: number;
  readonly reservedSectors: number;
  readonly sectorsPerFat: number;
  /** 32-byte entries of the root folder; 0 for FAT32, whose root is a chain like any other. */
  readonly rootEntries: number;
  readonly clusterCount: number;
  /** Byte offset of cluster 2. */
  readonly dataOffset: number;
}

/** The widths are told apart by the count of clusters alone: below 4085 is FAT12, below 65525 FAT16. */
const clusterLimits: Readonly<Record<FatWidth, readonly [least: number, most: number]>> = {
  12: [1, 4084],
  16: [4085, 65_524],
  32: [65_525, 0x0fff_fff5],
};

export interface FatVolumeSize {
  readonly width: FatWidth;
  readonly length: number;
  readonly sectorLength: number;
  readonly clusterLength: number;
}

/** Plans a volume. @throws RangeError where so many clusters would make it another width. */
export function planFatGeometry(size: FatVolumeSize): FatGeometry {
  const { width, length, sectorLength, clusterLength } = size;
  const reservedSectors = width === 32 ? 32 : 1;
  const rootEntries = width === 32 ? 0 : 512;
  const withoutFats = length - reservedSectors * sectorLength - rootEntries * 32;
  // A table for clusters that lie where the two tables themselves will be is a little too large, never too small.
  const sectorsPerFat = Math.ceil(((withoutFats / clusterLength + 2) * width) / 8 / sectorLength);
  const dataOffset = reservedSectors * sectorLength + 2 * sectorsPerFat * sectorLength + rootEntries * 32;
  const clusterCount = Math.floor((length - dataOffset) / clusterLength);
  const [least, most] = clusterLimits[width];
  if (clusterCount < least || clusterCount > most) {
    throw new RangeError(
      `FAT${width} has ${least} to ${most} clusters, got ${clusterCount} in ${length} bytes`,
    );
  }
  return { ...size, reservedSectors, rootEntries, sectorsPerFat, clusterCount, dataOffset };
}
