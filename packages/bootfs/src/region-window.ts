import { BootfsError } from "./bootfs-error.ts";
import { checkedRegion, type Region } from "./region.ts";
import { Overlay, sliceSyncSource, type Patch, type SyncByteSource } from "@bootstamp/byte-source";
import type { Disk } from "./disk.ts";

/** Blocks of a patch are this long and aligned to it in the image. */
const blockLength = 4096;

export interface RegionWindow {
  /** The region alone: writes to it are kept in memory, the image stays as it is. */
  readonly disk: Disk;
  /**
   * The blocks of the image that came out different. Where the region starts or ends inside a block, that block comes
   * whole, with the image's own bytes beyond the region; the image's last block may be shorter.
   */
  changes(): Patch;
}

/**
 * Opens a region of an image for writing, on a copy of the blocks that are written.
 *
 * A region may start anywhere (old MBR images have one at sector 63), the blocks are aligned in the image: so the
 * copy is made over the region widened to whole blocks, and the file system sees its part of it.
 * @throws BootfsError `BOOTFS_RANGE`.
 */
export function openRegion(image: SyncByteSource, region: Region): RegionWindow {
  const { offset, length } = checkedRegion(region, image.length);
  const start = Math.floor(offset / blockLength) * blockLength;
  const end = Math.min(Math.ceil((offset + length) / blockLength) * blockLength, image.length);
  const overlay = new Overlay(sliceSyncSource(image, start, end - start), blockLength);
  const lead = offset - start;
  const inside = (at: number, count: number): void => {
    if (at >= 0 && at + count <= length) return;
    throw new BootfsError(
      "BOOTFS_CORRUPT",
      `the file system refers to ${count} bytes at offset ${at} of a region of ${length}`,
      { offset: at, length: count, regionLength: length },
    );
  };
  const disk: Disk = {
    length,
    readSync: (at, target) => {
      inside(at, target.length);
      overlay.readSync(lead + at, target);
    },
    writeSync: (at, bytes) => {
      inside(at, bytes.length);
      overlay.writeSync(lead + at, bytes);
    },
  };
  return { disk, changes: () => overlay.changes(start) };
}
