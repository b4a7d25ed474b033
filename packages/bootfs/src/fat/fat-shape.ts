/*
 * Where the parts of a new FAT volume lie (Microsoft, FAT32 File System Specification 1.03, "FAT Data Structure"):
 *
 *   reserved sectors | FAT | copy of it | root directory (FAT12 and FAT16) | clusters 2, 3, ...
 *
 * The clusters start on a multiple of their length and of 4 KiB, so that a file's cluster is never spread over two
 * blocks of what the volume lies on.
 */
import { BootfsError } from "../bootfs-error.ts";
import { roundUp } from "../space.ts";

/** Bits of an entry of the table: what tells the three kinds apart. */
export type FatWidth = 12 | 16 | 32;

/** What a volume is to be; its partition, usually. */
export interface FatShape {
  /** Bytes; what is over whole sectors is not used. */
  readonly length: number;
  /** Of the disk. */
  readonly sectorLength: 512 | 4096;
  /** Default: 32 where the volume is large enough for it, else 16 where clusters can be of 4 KiB, else 12. */
  readonly width?: FatWidth;
}

export interface FatPlan {
  readonly width: FatWidth;
  readonly sectorLength: number;
  readonly sectorCount: number;
  readonly clusterLength: number;
  readonly clusterCount: number;
  readonly reservedSectors: number;
  readonly sectorsPerFat: number;
  /** Entries of 32 bytes; 0 for FAT32, whose root is a chain of clusters. */
  readonly rootEntries: number;
  /** Bytes from the start of the volume. */
  readonly rootOffset: number;
  readonly dataOffset: number;
}

export const fatCount = 2;

const mebibyte = 1 << 20;
/** Less, and the blocks of a disk or of a stored extent would be shared between clusters for nothing. */
const blockLength = 4096;

/** Clusters that make each kind; the specification advises to stay 16 away from the limits. */
const clusterLimits: Readonly<Record<FatWidth, readonly [least: number, most: number]>> = {
  12: [1, 4084 - 16],
  16: [4085 + 16, 65_524 - 16],
  32: [65_525 + 16, 0x0fff_fff5 - 16],
};

/** FatFs takes no volume of fewer sectors for one. */
const leastSectors = 128;

const clusterLengths = [512, 1024, 2048, 4096, 8192, 16_384, 32_768];

/**
 * Plans a volume: its clusters are of 4 KiB where the kind allows it, longer above 8 GiB.
 * @throws BootfsError `BOOTFS_RANGE` where no length of a cluster makes that kind of volume.
 */
export function planFat(shape: FatShape): FatPlan {
  const widths: readonly FatWidth[] = shape.width === undefined ? [32, 16, 12] : [shape.width];
  for (const width of widths) {
    for (const clusterLength of preferredLengths(width, shape, widths.length > 1)) {
      const plan = planWith(shape, width, clusterLength);
      const [least, most] = clusterLimits[width];
      const isLargeEnough = plan.clusterCount >= least && plan.sectorCount >= leastSectors;
      if (isLargeEnough && plan.clusterCount <= most) return plan;
    }
  }
  const kind = shape.width === undefined ? "FAT" : `FAT${shape.width}`;
  throw new BootfsError(
    "BOOTFS_RANGE",
    `no ${kind} volume can have ${shape.length} bytes in sectors of ${shape.sectorLength}`,
    { length: shape.length, sectorLength: shape.sectorLength },
  );
}

/** Lengths of clusters, the best first; with a choice of kinds, FAT12 is better than a FAT16 of short ones. */
function preferredLengths(
  width: FatWidth,
  { length, sectorLength }: FatShape,
  hasChoice: boolean,
): readonly number[] {
  const possible = clusterLengths.filter((each) => each >= sectorLength);
  if (width !== 32) {
    const usual = possible.filter((each) => each >= blockLength);
    if (width === 16 && hasChoice) return usual;
    return [...usual, ...possible.filter((each) => each < blockLength).toReversed()];
  }
  const wanted = blockLength * 2 ** Math.max(0, Math.ceil(Math.log2(length / (8192 * mebibyte))));
  return possible.filter((each) => each <= wanted).toReversed();
}

function planWith(shape: FatShape, width: FatWidth, clusterLength: number): FatPlan {
  const { sectorLength } = shape;
  // The place of a sector is 32 bits.
  const sectorCount = Math.min(Math.floor(shape.length / sectorLength), 2 ** 32 - 1);
  const least = width === 32 ? 32 : 1;
  const rootEntries = width === 32 ? 0 : 512;
  const alignment = Math.max(clusterLength, blockLength);
  let sectorsPerFat = 1;
  for (;;) {
    const tables = fatCount * sectorsPerFat * sectorLength + rootEntries * 32;
    const dataOffset = roundUp(least * sectorLength + tables, alignment);
    const room = Math.max(0, sectorCount * sectorLength - dataOffset);
    const clusterCount = Math.floor(room / clusterLength);
    const needed = Math.ceil(((clusterCount + 2) * width) / 8 / sectorLength);
    if (needed <= sectorsPerFat) {
      const reservedSectors = (dataOffset - tables) / sectorLength;
      const rootOffset = dataOffset - rootEntries * 32;
      const counts = { sectorCount, clusterCount, reservedSectors, sectorsPerFat, rootEntries };
      return { width, sectorLength, clusterLength, rootOffset, dataOffset, ...counts };
    }
    sectorsPerFat = needed;
  }
}
