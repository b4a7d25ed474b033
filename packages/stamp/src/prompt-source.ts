import { FileSource, type ByteSource } from "@bootstamp/byte-source";

/** Longer reads are left to another thread, so that this one stays free. */
const promptLength = 1 << 20;

/**
 * Shows an open file, of whose pages most are at hand, as a source that reads little at once; any other source as it
 * is.
 *
 * A stamp reads some dozen pieces of a few KiB. Each takes microseconds; to hand it to another thread and back costs
 * ten times that.
 */
export function promptSource(file: ByteSource): ByteSource {
  if (!(file instanceof FileSource)) return file;
  return {
    length: file.length,
    read: async (offset, length) => {
      if (length > promptLength) return await file.read(offset, length);
      const target = new Uint8Array(length);
      file.readSync(offset, target);
      return target;
    },
  };
}
