import { checkRange, FileSource, type ByteSource } from "@bootstamp/byte-source";

/**
 * A file that is open only while it is read: there may be more artifacts than a process may have open files.
 * Reads throw SourceError `SOURCE_CHANGED` when the file is not what it was at first.
 */
export function fileOnDemand(path: string): ByteSource {
  const first = FileSource.open(path);
  const { fingerprint, length: fileLength } = first;
  first.close();
  return {
    length: fileLength,
    read: async (offset, length) => {
      checkRange(fileLength, offset, length);
      const file = FileSource.reopen(path, fingerprint);
      try {
        return await file.read(offset, length);
      } finally {
        file.close();
      }
    },
  };
}
