import { BootfsError } from "./bootfs-error.ts";
import type { Disk } from "./disk.ts";
import type { FileExtent } from "./file-system.ts";

/**
 * Puts `content` over the bytes that `extents` cover, from the first on, and writes nothing else.
 * @throws BootfsError `BOOTFS_NOT_A_SLOT`, before anything is written, where bytes of the file are nowhere on the disk.
 */
export function overwriteExtents(
  disk: Disk,
  path: string,
  extents: readonly FileExtent[],
  content: Uint8Array,
): void {
  for (const { fileOffset, offset, length } of extents) {
    if (offset !== undefined) continue;
    throw new BootfsError(
      "BOOTFS_NOT_A_SLOT",
      `${path} cannot be filled where it lies: ${length} of its bytes, from ${fileOffset} on, are a hole or space that was only set aside; write it with all its bytes when the base is made`,
      { path, fileOffset, length },
    );
  }
  for (const { fileOffset, offset = 0, length } of extents) {
    disk.writeSync(offset, content.subarray(fileOffset, fileOffset + length));
  }
}
