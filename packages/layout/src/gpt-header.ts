/**
 * The GPT header: one sector at LBA 1, and a backup. UEFI 2.10 §5.3.2, table 5-5; numbers are little-endian.
 *
 *      0  Signature "EFI PART"       8      48  LastUsableLBA              8
 *      8  Revision                   4      56  DiskGUID                  16
 *     12  HeaderSize                 4      72  PartitionEntryLBA          8
 *     16  HeaderCRC32                4      80  NumberOfPartitionEntries   4
 *     20  Reserved                   4      84  SizeOfPartitionEntry       4
 *     24  MyLBA                      8      88  PartitionEntryArrayCRC32   4
 *     32  AlternateLBA               8      92  Reserved, to the sector's end
 *     40  FirstUsableLBA             8
 */
import { crc32 } from "@bootstamp/crc";
import { parseGuid, writeGuid } from "./guid.ts";
import { LayoutError } from "./layout-error.ts";

/** Byte offsets of the header's fields. */
const gptHeaderField = {
  signature: 0,
  revision: 8,
  headerSize: 12,
  headerCrc32: 16,
  myLba: 24,
  alternateLba: 32,
  firstUsableLba: 40,
  lastUsableLba: 48,
  diskGuid: 56,
  entriesLba: 72,
  entryCount: 80,
  entryLength: 84,
  entriesCrc32: 88,
} as const;

/** "EFI PART" read as one little-endian number. */
const gptSignature = 0x5452415020494645n;
/** Revision 1.0: the only one there is. */
const gptRevision = 0x0001_0000;
/** LBA of the primary header; LBA 0 has the protective MBR. */
export const primaryLba = 1;
/** HeaderSize must be at least 92 and at most the logical block size. */
const gptHeaderLength = 92;
/** SizeOfPartitionEntry must be 128 x 2^n. */
const gptEntryUnit = 128;
/** Our bound, against tables made to exhaust memory: 8192 entries of 128 bytes; usual are 128. */
const maximumEntryArrayLength = 1 << 20;

export interface GptHeader {
  readonly myLba: bigint;
  readonly alternateLba: bigint;
  readonly firstUsableLba: bigint;
  readonly lastUsableLba: bigint;
  /** In lower case. */
  readonly diskGuid: string;
  readonly entriesLba: bigint;
  readonly entryCount: number;
  /** Bytes from one entry to the next. */
  readonly entryLength: number;
  readonly entriesCrc32: number;
}

/** Whether `sector` claims to be a GPT header, whole or not. */
export function hasGptSignature(sector: Uint8Array): boolean {
  return (
    sector.length >= gptHeaderLength &&
    viewOf(sector).getBigUint64(gptHeaderField.signature, true) === gptSignature
  );
}

/**
 * Parses the header that `sector`, one whole sector read from `lba`, holds.
 * @throws LayoutError `LAYOUT_GPT_HEADER_DAMAGED` if signature, size, CRC or MyLBA are wrong;
 * `LAYOUT_GPT_UNSUPPORTED` if revision or entry array are none that we know to read.
 */
export function parseGptHeader(sector: Uint8Array, lba: bigint): GptHeader {
  const where = `the GPT header at LBA ${lba}`;
  if (!hasGptSignature(sector)) throw damaged(`${where} has no "EFI PART" signature`);
  checkHeaderCrc(sector, where);
  const view = viewOf(sector);
  const myLba = view.getBigUint64(gptHeaderField.myLba, true);
  if (myLba !== lba) throw damaged(`${where} says that it is at LBA ${myLba}`);
  const revision = view.getUint32(gptHeaderField.revision, true);
  if (revision !== gptRevision) {
    throw new LayoutError(
      "LAYOUT_GPT_UNSUPPORTED",
      `${where} has revision 0x${hex32(revision)}, expected 0x${hex32(gptRevision)}`,
    );
  }
  const header: GptHeader = {
    myLba,
    alternateLba: view.getBigUint64(gptHeaderField.alternateLba, true),
    firstUsableLba: view.getBigUint64(gptHeaderField.firstUsableLba, true),
    lastUsableLba: view.getBigUint64(gptHeaderField.lastUsableLba, true),
    diskGuid: parseGuid(sector, gptHeaderField.diskGuid),
    entriesLba: view.getBigUint64(gptHeaderField.entriesLba, true),
    entryCount: view.getUint32(gptHeaderField.entryCount, true),
    entryLength: view.getUint32(gptHeaderField.entryLength, true),
    entriesCrc32: view.getUint32(gptHeaderField.entriesCrc32, true),
  };
  checkEntryArray(header, where);
  return header;
}

function checkHeaderCrc(sector: Uint8Array, where: string): void {
  const view = viewOf(sector);
  const headerSize = view.getUint32(gptHeaderField.headerSize, true);
  if (headerSize < gptHeaderLength || headerSize > sector.length) {
    throw damaged(
      `${where} says it has ${headerSize} bytes, expected ${gptHeaderLength} to ${sector.length}`,
    );
  }
  const stored = view.getUint32(gptHeaderField.headerCrc32, true);
  const computed = headerCrc(sector, headerSize);
  if (computed !== stored) {
    throw damaged(`${where} has CRC-32 0x${hex32(computed)}, expected 0x${hex32(stored)}`);
  }
}

/** CRC-32 of the header's first `headerSize` bytes, with the CRC field itself taken as zero. */
function headerCrc(sector: Uint8Array, headerSize: number): number {
  const header = new Uint8Array(sector.subarray(0, headerSize));
  header.fill(0, gptHeaderField.headerCrc32, gptHeaderField.headerCrc32 + 4);
  return crc32.of(header);
}

/** Makes the sector that {@link parseGptHeader} takes `header` from. */
export function encodeGptHeader(header: GptHeader, sectorLength: number): Uint8Array {
  const sector = new Uint8Array(sectorLength);
  const view = viewOf(sector);
  view.setBigUint64(gptHeaderField.signature, gptSignature, true);
  view.setUint32(gptHeaderField.revision, gptRevision, true);
  view.setUint32(gptHeaderField.headerSize, gptHeaderLength, true);
  view.setBigUint64(gptHeaderField.myLba, header.myLba, true);
  view.setBigUint64(gptHeaderField.alternateLba, header.alternateLba, true);
  view.setBigUint64(gptHeaderField.firstUsableLba, header.firstUsableLba, true);
  view.setBigUint64(gptHeaderField.lastUsableLba, header.lastUsableLba, true);
  writeGuid(sector, gptHeaderField.diskGuid, header.diskGuid);
  view.setBigUint64(gptHeaderField.entriesLba, header.entriesLba, true);
  view.setUint32(gptHeaderField.entryCount, header.entryCount, true);
  view.setUint32(gptHeaderField.entryLength, header.entryLength, true);
  view.setUint32(gptHeaderField.entriesCrc32, header.entriesCrc32, true);
  view.setUint32(gptHeaderField.headerCrc32, headerCrc(sector, gptHeaderLength), true);
  return sector;
}

/**
 * Holds the shape of an entry array against the standard and our bounds. `where` names the header in messages.
 * @throws LayoutError `LAYOUT_GPT_UNSUPPORTED`.
 */
export function checkEntryArray(header: Pick<GptHeader, "entryCount" | "entryLength">, where: string): void {
  const { entryCount, entryLength } = header;
  const units = entryLength / gptEntryUnit;
  const isPowerOfTwo = units >= 1 && Number.isInteger(Math.log2(units));
  if (!isPowerOfTwo) {
    throw new LayoutError(
      "LAYOUT_GPT_UNSUPPORTED",
      `${where} has partition entries of ${entryLength} bytes, expected ${gptEntryUnit} times a power of two`,
      { entryLength },
    );
  }
  if (
    !Number.isSafeInteger(entryCount) ||
    entryCount < 1 ||
    entryCount * entryLength > maximumEntryArrayLength
  ) {
    throw new LayoutError(
      "LAYOUT_GPT_UNSUPPORTED",
      `${where} has ${entryCount} partition entries of ${entryLength} bytes, expected 1 entry to ${maximumEntryArrayLength} bytes`,
      { entryCount, entryLength },
    );
  }
}

function damaged(message: string): LayoutError {
  return new LayoutError("LAYOUT_GPT_HEADER_DAMAGED", message);
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether backup and primary describe the same disk; their own places may differ. */
export function describeSameDisk(primary: GptHeader, backup: GptHeader): boolean {
  return (
    primary.diskGuid === backup.diskGuid &&
    primary.firstUsableLba === backup.firstUsableLba &&
    primary.lastUsableLba === backup.lastUsableLba &&
    primary.entryCount === backup.entryCount &&
    primary.entryLength === backup.entryLength &&
    primary.entriesCrc32 === backup.entriesCrc32
  );
}
