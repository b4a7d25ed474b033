// The seek table at a file's end, as zstd's contrib/seekable_format describes it (version 0.1.0).
//
//   0    5E 2A 4D 18  length of what follows u32: a skippable frame (RFC 8878 §3.1.2)
//   8    for each frame before the table, skippable ones included:
//          packed length u32  raw length u32 (0 if skippable)  [XXH64 of the raw bytes, lowest 32 bits]
//   -9   number of frames u32  descriptor u8: bit 7 with checksums, 6-2 reserved, 1-0 unused  B1 EA 92 8F
import { skippableHeaderLength } from "./frame-header.ts";
import { maxFrameCount } from "./layout.ts";
import { viewOf } from "./view-of.ts";

export const tableMagic = 0x184d_2a5e;
export const footerMagic = 0x8f92_eab1;
export const footerLength = 9;
export const checksumFlag = 0x80;
export const reservedBits = 0x7c;

/** All frames of ours, our record, and as many again for others' skippable frames. */
export const maxEntryCount: number = 2 * maxFrameCount;

/** One frame, as the table has it. */
export interface SeekEntry {
  readonly packedLength: number;
  readonly rawLength: number;
  readonly checksum: number;
}

const entryLength = 12;
const bareEntryLength = 8;
const checksumOffset = 8;

/** Length of an entry in a table with this descriptor. */
export function entryLengthOf(descriptor: number): number {
  return (descriptor & checksumFlag) === 0 ? bareEntryLength : entryLength;
}

/** Where the entry of frame `index` is, from the table's beginning. */
export function entryOffset(index: number, descriptor: number): number {
  return skippableHeaderLength + index * entryLengthOf(descriptor);
}

/** Where the checksum of frame `index` is, from the beginning of a table that has them. */
export function entryChecksumOffset(index: number): number {
  return entryOffset(index, checksumFlag) + checksumOffset;
}

export function tableLength(entryCount: number, descriptor: number): number {
  return entryOffset(entryCount, descriptor) + footerLength;
}

/** Encodes a table; the checksums are left out where the descriptor says that there are none. */
export function encodeSeekTable(
  entries: readonly SeekEntry[],
  descriptor: number = checksumFlag,
): Uint8Array {
  const table = new Uint8Array(tableLength(entries.length, descriptor));
  const view = viewOf(table);
  const hasChecksums = (descriptor & checksumFlag) !== 0;
  view.setUint32(0, tableMagic, true);
  view.setUint32(4, table.length - skippableHeaderLength, true);
  for (const [index, { packedLength, rawLength, checksum }] of entries.entries()) {
    const at = entryOffset(index, descriptor);
    view.setUint32(at, packedLength, true);
    view.setUint32(at + 4, rawLength, true);
    if (hasChecksums) view.setUint32(at + checksumOffset, checksum, true);
  }
  const footer = table.length - footerLength;
  view.setUint32(footer, entries.length, true);
  view.setUint8(footer + 4, descriptor);
  view.setUint32(footer + 5, footerMagic, true);
  return table;
}
