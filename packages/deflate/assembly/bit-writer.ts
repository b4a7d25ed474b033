// Bits into bytes, lowest first. RFC 1951 §3.1.1.
import { packed } from "./buffers";

/** Where the next whole byte goes. */
export let writeAt: usize = packed;
/** Bits that are not a whole byte yet. */
export let pending: u64 = 0;
/** How many: 0 to 7 between calls. */
export let pendingCount: u64 = 0;

export function startWriting(): void {
  setWriter(packed, 0, 0);
}

/** For loops that keep these in locals. */
@inline
export function setWriter(at: usize, bits: u64, count: u64): void {
  writeAt = at;
  pending = bits;
  pendingCount = count;
}

/** Writes the lowest `count` bits of `bits`, 32 at most; the others are zero. */
export function putBits(bits: u32, count: u32): void {
  const all = pending | (<u64>bits << pendingCount);
  const allCount = pendingCount + count;
  store<u64>(writeAt, all);
  setWriter(writeAt + <usize>(allCount >> 3), all >> (allCount & ~7), allCount & 7);
}

/** Fills the last byte up with zeros. */
export function alignToByte(): void {
  if (pendingCount > 0) putBits(0, 8 - <u32>pendingCount);
}

/** Writes a stored block of up to 65535 bytes. RFC 1951 §3.2.4. */
export function putStored(from: usize, length: u32): void {
  putBits(0, 3);
  alignToByte();
  store<u32>(writeAt, length | (~length << 16));
  memory.copy(writeAt + 4, from, length);
  writeAt += 4 + length;
}
