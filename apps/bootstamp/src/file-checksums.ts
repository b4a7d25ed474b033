import { createHash } from "node:crypto";
import type { ByteSource } from "@bootstamp/byte-source";
import { bulkCrc64nvme, crc64nvme } from "@bootstamp/crc";
import { chunksOf } from "@bootstamp/press";

export interface FileChecksums {
  /** In hex. */
  readonly sha256: string;
  readonly crc64nvme: bigint;
}

/** Both checksums of all of a source, in one reading. @param onProgress gets the bytes that are done. */
export async function checksumsOf(
  source: ByteSource,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<FileChecksums> {
  const checksum = await bulkCrc64nvme();
  const hash = createHash("sha256");
  let crc = crc64nvme.empty;
  let done = 0;
  for await (const chunk of chunksOf(source)) {
    signal.throwIfAborted();
    hash.update(chunk);
    crc = crc64nvme.combine(crc, checksum(chunk), chunk.length);
    onProgress((done += chunk.length));
  }
  return { sha256: hash.digest("hex"), crc64nvme: crc };
}
