import { constants, copyFile, open, type FileHandle } from "node:fs/promises";
import { FileSource } from "@bootstamp/byte-source";
import type { Overwrite } from "./overwrite.ts";

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
  // Opened before the copy, which gives the file the source's mode: that may forbid writing.
  const file = await open(path, "wx");
  try {
    const { mode } = await file.stat();
    try {
      await copyFile(source.path, path, constants.COPYFILE_FICLONE);
    } finally {
      // If the source is gone, that explains a failed copy better than the copy does.
      assertSame(source);
    }
    await file.chmod(mode & 0o777);
    for (const { offset, bytes } of overwrites) await writeFully(file, offset, bytes);
  } finally {
    await file.close();
  }
}

/** The copy was made by name, so the name must still lead to the file that is open, and that be unchanged. */
function assertSame(source: FileSource): void {
  FileSource.reopen(source.path, source.fingerprint).close();
}

async function writeFully(file: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}
