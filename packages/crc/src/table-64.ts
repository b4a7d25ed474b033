import type { Checksum } from "./crc.ts";

/** A table-driven 64-bit CRC in two 32-bit halves, one byte a step; for megabytes take `bulkCrc64nvme` or `bulkCrc64xz`. */
export function tableChecksum64(polynomial: bigint): Checksum<bigint> {
  const { highs, lows } = makeTable(polynomial);
  return (bytes, previous) => {
    let high = ~Number(previous >> 32n) | 0;
    let low = ~Number(previous & 0xffff_ffffn) | 0;
    for (const byte of bytes) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0);
      high = (high >>> 8) ^ (highs[index] ?? 0);
    }
    return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0);
  };
}

function makeTable(polynomial: bigint): { highs: Uint32Array; lows: Uint32Array } {
  const highs = new Uint32Array(256);
  const lows = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ ((value & 1n) === 1n ? polynomial : 0n);
    highs[byte] = Number(value >> 32n);
    lows[byte] = Number(value & 0xffff_ffffn);
  }
  return { highs, lows };
}
