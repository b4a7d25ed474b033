import { crc32c } from "@bootstamp/crc";

/**
 * The CRC-32C of ext4's metadata: as everybody's, but without the final inversion, and started from any value
 * (linux, ext4_chksum). `seed` is 0xFFFFFFFF for a new checksum, or a former result to go on from.
 */
export function rawCrc32c(bytes: Uint8Array, seed: number): number {
  return ~crc32c.of(bytes, ~seed >>> 0) >>> 0;
}
