import { closeSync, constants, fchmodSync, fstatSync, openSync, write as writeWithCallback } from "node:fs";
import { copyFile } from "node:fs/promises";
import { promisify } from "node:util";
import { FileSource } from "@bootstamp/byte-source";
import type { Overwrite } from "./overwrite.ts";

const writeBytes = promisify(writeWithCallback);

/**
 * Creates `path` as a clone of `source` with `overwrites` in it, for the user's umask whatever the source's mode.
 *
 * The blocks are shared where the file system can (XFS, btrfs, bcachefs), so that it costs nothing per byte of the
 * file; elsewhere they are copied.
 * @throws SourceError `SOURCE_CHANGED` if `source` is not what it was when it was opened; the system's error.
 */
export async function cloneFile(
  source: FileSource,
  path: string,
  overwrites: readonly Overwrite[],
): Promise<void> {
  // Opened before the copy, which gives the file the source's mode: that may forbid writing. What takes microseconds is
  // done at once: handing it to another thread and back costs ten times that, and it is a third of a clone.
  const descriptor = openSync(path, "wx");
  try {
    const { mode } = fstatSync(descriptor);
    try {
      await copyFile(source.path, path, constants.COPYFILE_FICLONE);
    } finally {
      // If the source is gone, that explains a failed copy better than the copy does.
      assertSame(source);
    }
    fchmodSync(descriptor, mode & 0o777);
    for (const { offset, bytes } of overwrites) await writeFully(descriptor, offset, bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** The copy was made by name, so the name must still lead to the file that is open, and that be unchanged. */
function assertSame(source: FileSource): void {
  FileSource.reopen(source.path, source.fingerprint).close();
}

async function writeFully(descriptor: number, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await writeBytes(descriptor, bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}
