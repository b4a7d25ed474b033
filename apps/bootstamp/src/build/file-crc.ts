import { lstatSync } from "node:fs";
import { FileSource } from "@bootstamp/byte-source";
import type { Digester } from "@bootstamp/stamp";

/**
 * The CRC-64/NVME of the file at `path`, by reading it all; undefined where there is no regular file of that length.
 * @throws SourceError.
 */
export async function crc64OfFile(
  path: string,
  length: number,
  digester: Digester,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size !== length) return undefined;
  const file = FileSource.open(path);
  try {
    return await digester.crc64nvme({ file, signal });
  } finally {
    file.close();
  }
}
