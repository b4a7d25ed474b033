// Writes tables byte by byte, apart from the code under test, so that each field can be given a wrong value.
import { crc32 } from "node:zlib";

export const espGuid = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
const linuxGuid = "0fc63daf-8483-4772-8e79-3d69d8477de4";
export const diskGuid = "00000000-0000-4000-a000-000000000001";

export interface GptPart {
  readonly first: bigint;
  readonly last: bigint;
  readonly type?: string;
  readonly name?: string;
  readonly attributes?: bigint;
}

/** Header fields, for one copy. */
interface HeaderFields {
  readonly signature?: string;
  readonly revision?: number;
  readonly headerSize?: number;
  readonly myLba?: bigint;
  readonly alternateLba?: bigint;
  readonly firstUsableLba?: bigint;
  readonly lastUsableLba?: bigint;
  readonly entriesLba?: bigint;
  readonly entryCount?: number;
  readonly entryLength?: number;
  readonly entriesCrc32?: number;
  /** Exclusive-ored into the CRC. */
  readonly crcError?: number;
}

export interface GptOptions {
  readonly sectorLength?: number;
  readonly sectorCount?: number;
  readonly parts?: readonly GptPart[];
  readonly entryCount?: number;
  readonly entryLength?: number;
  readonly primary?: HeaderFields;
  readonly backup?: HeaderFields;
}

export const defaultParts: readonly GptPart[] = [
  { first: 40n, last: 47n, type: espGuid, name: "EFI-SYSTEM" },
  { first: 48n, last: 63n, name: "boot" },
];

/** An image with a GPT; by default 128 sectors of 512 bytes with {@link defaultParts}. */
export function gptImage(options: GptOptions = {}): Buffer {
  const sectorLength = options.sectorLength ?? 512;
  const sectorCount = options.sectorCount ?? 128;
  const entryCount = options.entryCount ?? 128;
  const entryLength = options.entryLength ?? 128;
  const image = Buffer.alloc(sectorLength * sectorCount);
  writeMbr(image, [{ systemId: 0xee, start: 1, count: sectorCount - 1 }]);
  const entries = encodeEntries(options.parts ?? defaultParts, entryCount, entryLength);
  const arraySectors = Math.ceil(entries.length / sectorLength);
  const last = sectorCount - 1;
  const common: HeaderFields = {
    firstUsableLba: BigInt(2 + arraySectors),
    lastUsableLba: BigInt(last - arraySectors - 1),
    entryCount,
    entryLength,
    entriesCrc32: crc32(entries),
  };
  const places = [
    { lba: 1, other: last, entriesLba: 2, fields: options.primary },
    { lba: last, other: 1, entriesLba: last - arraySectors, fields: options.backup },
  ];
  for (const { lba, other, entriesLba, fields } of places) {
    image.set(entries, entriesLba * sectorLength);
    const header = {
      ...common,
      myLba: BigInt(lba),
      alternateLba: BigInt(other),
      entriesLba: BigInt(entriesLba),
    };
    image.set(encodeHeader({ ...header, ...fields }), lba * sectorLength);
  }
  return image;
}

function encodeHeader(fields: HeaderFields): Buffer {
  const bytes = Buffer.alloc(92);
  bytes.write(fields.signature ?? "EFI PART", 0, "latin1");
  bytes.writeUInt32LE(fields.revision ?? 0x10000, 8);
  bytes.writeUInt32LE(fields.headerSize ?? 92, 12);
  bytes.writeBigUInt64LE(fields.myLba ?? 0n, 24);
  bytes.writeBigUInt64LE(fields.alternateLba ?? 0n, 32);
  bytes.writeBigUInt64LE(fields.firstUsableLba ?? 0n, 40);
  bytes.writeBigUInt64LE(fields.lastUsableLba ?? 0n, 48);
  bytes.set(encodeGuid(diskGuid), 56);
  bytes.writeBigUInt64LE(fields.entriesLba ?? 0n, 72);
  bytes.writeUInt32LE(fields.entryCount ?? 0, 80);
  bytes.writeUInt32LE(fields.entryLength ?? 0, 84);
  bytes.writeUInt32LE(fields.entriesCrc32 ?? 0, 88);
  bytes.writeUInt32LE((crc32(bytes) ^ (fields.crcError ?? 0)) >>> 0, 16);
  return bytes;
}

function encodeEntries(parts: readonly GptPart[], entryCount: number, entryLength: number): Buffer {
  const bytes = Buffer.alloc(entryCount * entryLength);
  for (const [index, part] of parts.entries()) {
    const at = index * entryLength;
    bytes.set(encodeGuid(part.type ?? linuxGuid), at);
    bytes.set(encodeGuid(`00000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`), at + 16);
    bytes.writeBigUInt64LE(part.first, at + 32);
    bytes.writeBigUInt64LE(part.last, at + 40);
    bytes.writeBigUInt64LE(part.attributes ?? 0n, at + 48);
    bytes.write(part.name ?? "", at + 56, 72, "utf16le");
  }
  return bytes;
}

function encodeGuid(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

export interface MbrPart {
  readonly systemId: number;
  readonly start: number;
  readonly count: number;
  readonly indicator?: number;
}

/** Writes a boot record at `offset`: at most four entries, in their slots. */
export function writeMbr(image: Buffer, parts: readonly MbrPart[], offset = 0): Buffer {
  for (const [slot, part] of parts.entries()) {
    const at = offset + 446 + 16 * slot;
    image.writeUInt8(part.indicator ?? 0, at);
    image.writeUInt8(part.systemId, at + 4);
    image.writeUInt32LE(part.start, at + 8);
    image.writeUInt32LE(part.count, at + 12);
  }
  image.writeUInt16BE(0x55aa, offset + 510);
  return image;
}

/** An image of 512-byte sectors with an MBR. */
export function mbrImage(parts: readonly MbrPart[], sectorCount = 128): Buffer {
  const image = Buffer.alloc(512 * sectorCount);
  image.writeUInt32LE(0x1234abcd, 440);
  return writeMbr(image, parts);
}
