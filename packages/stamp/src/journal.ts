// The journal of a change in place: what a file has where it is about to be overwritten, so that it can be undone. It is
// read by this program alone, on the same machine. All numbers are unsigned, the lowest byte first.
//
//   0    8  magic "bstpjrnl"
//   8    2  version, 1
//   10   2  0
//   12   4  number of records
//   16   8  length of the file that is changed
//   24   8  length of the journal
//   32      the records, in ascending order and apart:
//     0   8  offset in the file
//     8   4  length: at most 64 KiB
//     12     for each part of a sector (512 bytes of the file) that the record has: CRC-32 of its new bytes
//     .      the old bytes
//   n - 4 4  CRC-32 of all the bytes before it
//
// A disk writes a sector as a whole or not at all. So wherever the power went, every part of a sector has its old bytes
// or its new ones, and a file that has others in one place is not the file that the journal is of.
import { crc32 } from "@bootstamp/crc";
import type { ByteSource, Overwrite } from "@bootstamp/byte-source";
import type { InPlaceFile } from "./in-place-files.ts";

export const journalMagic: Uint8Array = Buffer.from("bstpjrnl");
export const journalVersion = 1;
export const headLength = 32;
export const crcLength = 4;
export const recordHeadLength = 12;
/** So that neither side holds much at a time. */
export const recordLength: number = 64 << 10;
const sectorLength = 512;

export interface JournalHead {
  readonly recordCount: number;
  readonly fileLength: number;
  readonly journalLength: number;
}

/** Writes the journal of a change that is about to be made. Reads what will be overwritten. Syncs nothing. */
export async function writeJournal(
  journal: InPlaceFile,
  file: ByteSource,
  overwrites: readonly Overwrite[],
): Promise<void> {
  const parts = [...recordParts(overwrites)];
  const lengths = parts.map(recordSize);
  const journalLength = lengths.reduce((sum, length) => sum + length, headLength + crcLength);
  const head = encodeHead({ recordCount: parts.length, fileLength: file.length, journalLength });
  await journal.write(0, head);
  let at = head.length;
  let crc = crc32.of(head);
  for (const part of parts) {
    const record = encodeRecord(part, await file.read(part.offset, part.bytes.length));
    await journal.write(at, record);
    at += record.length;
    crc = crc32.of(record, crc);
  }
  const end = Buffer.alloc(crcLength);
  end.writeUInt32LE(crc);
  await journal.write(at, end);
}

/** The overwrites cut at every multiple of {@link recordLength}; their bytes are views. */
export function* recordParts(overwrites: readonly Overwrite[]): Generator<Overwrite> {
  for (const { offset, bytes } of overwrites) yield* cutAt(offset, bytes, recordLength);
}

/** The parts of sectors that `bytes`, which are at `offset` of the file, have. */
export function sectorParts(offset: number, bytes: Uint8Array): Generator<Overwrite> {
  return cutAt(offset, bytes, sectorLength);
}

export function sectorCount(offset: number, length: number): number {
  return Math.ceil((offset + length) / sectorLength) - Math.floor(offset / sectorLength);
}

function* cutAt(offset: number, bytes: Uint8Array, unit: number): Generator<Overwrite> {
  for (let done = 0; done < bytes.length;) {
    const at = offset + done;
    const part = bytes.subarray(done, done + unit - (at % unit));
    yield { offset: at, bytes: part };
    done += part.length;
  }
}

function recordSize({ offset, bytes }: Overwrite): number {
  return recordHeadLength + 4 * sectorCount(offset, bytes.length) + bytes.length;
}

function encodeHead({ recordCount, fileLength, journalLength }: JournalHead): Uint8Array {
  const head = Buffer.alloc(headLength);
  head.set(journalMagic);
  head.writeUInt16LE(journalVersion, 8);
  head.writeUInt32LE(recordCount, 12);
  head.writeBigUInt64LE(BigInt(fileLength), 16);
  head.writeBigUInt64LE(BigInt(journalLength), 24);
  return head;
}

function encodeRecord({ offset, bytes }: Overwrite, old: Uint8Array): Uint8Array {
  const head = Buffer.alloc(recordHeadLength);
  head.writeBigUInt64LE(BigInt(offset));
  head.writeUInt32LE(bytes.length, 8);
  const crcs = [...sectorParts(offset, bytes)].map((part) => {
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(crc32.of(part.bytes));
    return crc;
  });
  return Buffer.concat([head, ...crcs, old]);
}
