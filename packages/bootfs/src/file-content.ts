import type { SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "./bootfs-error.ts";
import type { FileExtent } from "./file-system.ts";

/** The most that is read into memory at once; a sparse file can say any length. */
const readLimit = 1 << 30;

/** Reads what `extents` cover into one array. @throws BootfsError `BOOTFS_TOO_LARGE`. */
export function readExtents(
  source: SyncByteSource,
  path: string,
  extents: readonly FileExtent[],
): Uint8Array {
  const last = extents.at(-1);
  const length = last === undefined ? 0 : last.fileOffset + last.length;
  if (length > readLimit) {
    throw new BootfsError(
      "BOOTFS_TOO_LARGE",
      `${path} is ${length} bytes long: at most ${readLimit} can be read at once`,
      {
        path,
        length,
      },
    );
  }
  const content = new Uint8Array(length);
  for (const extent of extents) {
    const part = content.subarray(extent.fileOffset, extent.fileOffset + extent.length);
    if (extent.offset !== undefined) source.readSync(extent.offset, part);
  }
  return content;
}
