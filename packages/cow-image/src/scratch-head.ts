// The scratch file: written blocks of an image, kept beside the stamp that they become. Read by this program alone, on the
// same machine. All numbers are unsigned, the lowest byte first.
//
//   0      8  magic "bstpscra"
//   8      2  version, 1
//   10     2  0
//   12     4  number of slots, S
//   16     8  length of the raw image
//   24     4  CRC-32 of the base's raw bytes
//   28    32  SHA-256 of the stamp that the writing began from; zeros if there was none
//   60     4  CRC-32 of the bytes before it
//   4096      an entry of 16 bytes for each slot: 1 + number of the block (8 bytes; 0: none), CRC-32 of these 8 (4), 0 (4)
//   .         from the next multiple of 4096 on the slots: a block of 4096 bytes each
//
// A block comes into the index only when its bytes are on the disk: first the slots are synced, then the entries are
// written and synced. So an entry never leads to bytes that were not written, wherever the power goes. A block that was
// written again since may be in part the old and in part the new one, as on any disk.
import { crc32 } from "@bootstamp/crc";
import { CowError } from "./cow-error.ts";

export const blockLength = 4096;
export const headLength = 4096;
export const entryLength = 16;
const digestOffset = 28;
const crcOffset = 60;
const magic = Buffer.from("bstpscra");
const version = 1;

export interface ScratchHead {
  readonly slots: number;
  readonly rawLength: number;
  readonly baseCrc32: number;
  /** SHA-256, in hex, of the stamp that was there in the beginning; undefined if there was none. */
  readonly began: string | undefined;
}

/** Where the first slot is. */
export function slotsOffset(slots: number): number {
  return Math.ceil((headLength + slots * entryLength) / blockLength) * blockLength;
}

export function encodeHead({ slots, rawLength, baseCrc32, began }: ScratchHead): Uint8Array {
  const head = Buffer.alloc(headLength);
  head.set(magic);
  head.writeUInt16LE(version, 8);
  head.writeUInt32LE(slots, 12);
  head.writeBigUInt64LE(BigInt(rawLength), 16);
  head.writeUInt32LE(baseCrc32, 24);
  if (began !== undefined) head.set(Buffer.from(began, "hex"), digestOffset);
  head.writeUInt32LE(crc32.of(head.subarray(0, crcOffset)), crcOffset);
  return head;
}

/** @throws CowError `COW_SCRATCH_FOREIGN`. */
export function parseHead(bytes: Uint8Array, path: string): ScratchHead {
  const head = Buffer.from(bytes);
  if (!magic.equals(head.subarray(0, magic.length))) throw foreign(path, "it begins otherwise");
  if (crc32.of(head.subarray(0, crcOffset)) !== head.readUInt32LE(crcOffset))
    throw foreign(path, "its head is damaged");
  if (head.readUInt16LE(8) !== version) throw foreign(path, `it is of version ${head.readUInt16LE(8)}`);
  const digest = head.subarray(digestOffset, crcOffset);
  return {
    slots: head.readUInt32LE(12),
    rawLength: Number(head.readBigUInt64LE(16)),
    baseCrc32: head.readUInt32LE(24),
    began: digest.every((byte) => byte === 0) ? undefined : digest.toString("hex"),
  };
}

/** @param block undefined for a slot that has none. */
export function encodeEntry(block: number | undefined): Uint8Array {
  const entry = Buffer.alloc(entryLength);
  if (block === undefined) return entry;
  entry.writeBigUInt64LE(BigInt(block) + 1n);
  entry.writeUInt32LE(crc32.of(entry.subarray(0, 8)), 8);
  return entry;
}

/** The block of an entry; undefined where there is none, or one that was torn while it was written. */
export function parseEntry(entry: Buffer): number | undefined {
  const number = entry.readBigUInt64LE();
  if (number === 0n || crc32.of(entry.subarray(0, 8)) !== entry.readUInt32LE(8)) return undefined;
  return Number(number - 1n);
}

/** The fault of something that is in a scratch file's place and is none. */
export function foreign(path: string, why: string): CowError {
  return new CowError("COW_SCRATCH_FOREIGN", `${path} is not a scratch file of this program: ${why}`, {
    scratch: path,
  });
}
