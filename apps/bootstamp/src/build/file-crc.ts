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
  const file = openIfOf(path, length);
  if (file === undefined) return undefined;
  try {
    return await digester.crc64nvme({ file, signal });
  } finally {
    file.close();
  }
}

/**
 * Opens the regular file at `path`, which is no link; undefined where there is none of that length.
 * @throws SourceError.
 */
export function openIfOf(path: string, length: number): FileSource | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size !== length) return undefined;
  return FileSource.open(path);
}
