import { type ByteSource, checkOverwrites, type Overwrite } from "@bootstamp/byte-source";
import { bulkCrc64nvme, crc32, crc64nvme, type BulkChecksum64, type Crc } from "@bootstamp/crc";

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
  const checksum = await (loading ??= bulkCrc64nvme());
  return await overwrittenCrc(crc64nvme, checksum, before, source, overwrites);
}

/** {@link overwrittenCrc64nvme} for CRC-32. */
export async function overwrittenCrc32(
  before: number,
  source: ByteSource,
  overwrites: readonly Overwrite[],
): Promise<number> {
  return await overwrittenCrc(crc32, (bytes) => crc32.of(bytes), before, source, overwrites);
}

async function overwrittenCrc<Value extends number | bigint>(
  model: Crc<Value>,
  checksum: (bytes: Uint8Array) => Value,
  before: Value,
  source: ByteSource,
  overwrites: readonly Overwrite[],
): Promise<Value> {
  checkOverwrites(source.length, overwrites);
  let whole = before;
  for (const { offset, bytes } of overwrites) {
    for (let done = 0; done < bytes.length; done += windowLength) {
      const now = bytes.subarray(done, done + windowLength);
      const old = await source.read(offset + done, now.length);
      const tailLength = source.length - offset - done - now.length;
      whole = model.patch(whole, checksum(old), checksum(now), tailLength);
    }
  }
  return whole;
}
