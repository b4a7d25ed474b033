import { type ByteSource, checkOverwrites, type Overwrite } from "@bootstamp/byte-source";
import { bulkCrc64nvme, crc64nvme, type BulkChecksum64 } from "@bootstamp/crc";

const windowLength = 1 << 20;
let loading: Promise<BulkChecksum64> | undefined;

/**
 * CRC-64/NVME of a whole file with some of its bytes overwritten, from that of the file as it is.
 *
 * Reads what is overwritten and nothing else; O(overwritten bytes + log length).
 * @param before CRC-64/NVME of all of `source`.
 */
export async function overwrittenCrc64nvme(
  before: bigint,
  source: ByteSource,
  overwrites: readonly Overwrite[],
): Promise<bigint> {
  checkOverwrites(source.length, overwrites);
  const checksum = await (loading ??= bulkCrc64nvme());
  let whole = before;
  for (const { offset, bytes } of overwrites) {
    for (let done = 0; done < bytes.length; done += windowLength) {
      const now = bytes.subarray(done, done + windowLength);
      const old = await source.read(offset + done, now.length);
      const tailLength = source.length - offset - done - now.length;
      whole = crc64nvme.patch(whole, checksum(old), checksum(now), tailLength);
    }
  }
  return whole;
}
