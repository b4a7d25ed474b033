// A GUID partition table, written whole (UEFI 2.10 §5.3):
//
//   sector 0        protective MBR
//   sector 1        primary header
//   sectors 2..     128 entries of 128 bytes, 16 KiB
//   ...             partitions
//   last 16 KiB     the entries again
//   last sector     backup header
//
// No partition is placed here: the caller says where each one lies.
import { crc32 } from "node:zlib";
import { encodeGuid } from "./guid.ts";

export interface GptPartition {
  readonly type: string;
  readonly guid: string;
  readonly name: string;
  /** Bytes, whole sectors. */
  readonly offset: number;
  readonly length: number;
}

export interface Gpt {
  readonly diskGuid: string;
  /** 512 or 4096. */
  readonly sectorLength: number;
  /** Bytes of the whole image, whole sectors. */
  readonly length: number;
  readonly partitions: readonly GptPartition[];
}

const entryCount = 128;
const entryLength = 128;
const headerLength = 92;

/** Encodes what a GPT puts at the start of an image and what it puts at its end. */
export function encodeGpt(table: Gpt): { readonly head: Buffer; readonly tail: Buffer } {
  const { sectorLength } = table;
  const entries = encodeEntries(table);
  const lastSector = table.length / sectorLength - 1;
  const entrySectors = entries.length / sectorLength;
  const primary = encodeHeader(table, entries, { own: 1, other: lastSector, entries: 2 });
  const backup = encodeHeader(table, entries, {
    own: lastSector,
    other: 1,
    entries: lastSector - entrySectors,
  });
  return {
    head: Buffer.concat([encodeProtectiveMbr(sectorLength, lastSector), primary, entries]),
    tail: Buffer.concat([entries, backup]),
  };
}

function encodeEntries({ sectorLength, partitions }: Gpt): Buffer {
  const entries = Buffer.alloc(entryCount * entryLength);
  for (const [index, partition] of partitions.entries()) {
    const entry = entries.subarray(index * entryLength, (index + 1) * entryLength);
    encodeGuid(partition.type).copy(entry, 0);
    encodeGuid(partition.guid).copy(entry, 16);
    entry.writeBigUInt64LE(BigInt(partition.offset / sectorLength), 32);
    entry.writeBigUInt64LE(BigInt((partition.offset + partition.length) / sectorLength - 1), 40);
    entry.write(partition.name, 56, "utf16le");
  }
  return entries;
}

function encodeHeader(
  { sectorLength, diskGuid }: Gpt,
  entries: Buffer,
  at: { readonly own: number; readonly other: number; readonly entries: number },
): Buffer {
  const header = Buffer.alloc(sectorLength);
  const entrySectors = entries.length / sectorLength;
  header.write("EFI PART", 0, "latin1");
  header.writeUInt32LE(0x0001_0000, 8); // Revision 1.0
  header.writeUInt32LE(headerLength, 12);
  header.writeBigUInt64LE(BigInt(at.own), 24);
  header.writeBigUInt64LE(BigInt(at.other), 32);
  header.writeBigUInt64LE(BigInt(2 + entrySectors), 40); // FirstUsableLBA
  header.writeBigUInt64LE(BigInt(Math.max(at.own, at.other) - entrySectors - 1), 48); // LastUsableLBA
  encodeGuid(diskGuid).copy(header, 56);
  header.writeBigUInt64LE(BigInt(at.entries), 72);
  header.writeUInt32LE(entryCount, 80);
  header.writeUInt32LE(entryLength, 84);
  header.writeUInt32LE(crc32(entries), 88);
  // The header's own checksum is taken while its field is still zero.
  header.writeUInt32LE(crc32(header.subarray(0, headerLength)), 16);
  return header;
}

/** One partition of type EE over the whole disk, so that MBR tools keep away (UEFI 2.10 §5.2.3). */
function encodeProtectiveMbr(sectorLength: number, lastSector: number): Buffer {
  const mbr = Buffer.alloc(sectorLength);
  const entry = mbr.subarray(446, 462);
  Buffer.from([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff]).copy(entry);
  entry.writeUInt32LE(1, 8);
  entry.writeUInt32LE(Math.min(lastSector, 0xffff_ffff), 12);
  mbr.writeUInt16LE(0xaa55, 510);
  return mbr;
}
