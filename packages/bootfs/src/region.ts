import { BootfsError } from "./bootfs-error.ts";

/** The bytes of an image that a file system may occupy, normally a partition. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

/** @throws BootfsError `BOOTFS_RANGE` unless the region lies inside an image of `imageLength` bytes. */
export function checkedRegion(region: Region, imageLength: number): Region {
  const { offset, length } = region;
  const fits =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length > 0 &&
    length <= imageLength - offset;
  if (fits) return region;
  throw new BootfsError(
    "BOOTFS_RANGE",
    `the region at offset ${offset} with ${length} bytes does not lie in the image, which has ${imageLength} bytes`,
    { offset, length, imageLength },
  );
}
