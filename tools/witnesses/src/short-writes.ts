import { type FileHandle, open } from "node:fs/promises";

type Write = (
  this: FileHandle,
  bytes: Uint8Array,
  offset: number | undefined,
  length: number | undefined,
  position: number | null | undefined,
) => Promise<{ readonly bytesWritten: number }>;

/**
 * Does `work` while every write of a `FileHandle` of this thread takes `most` bytes at most and says so, without an error,
 * as the system may on a disk that gets full, over NFS or FUSE.
 */
export async function withShortWrites<T>(most: number, work: () => Promise<T>): Promise<T> {
  await using handle = await open("/dev/null");
  const prototype: { write: Write } = Object.getPrototypeOf(handle);
  const { write } = prototype;
  prototype.write = async function (bytes, offset = 0, length = bytes.length - offset, position = null) {
    return await write.call(this, bytes, offset, Math.min(length, most), position);
  };
  try {
    return await work();
  } finally {
    prototype.write = write;
  }
}
