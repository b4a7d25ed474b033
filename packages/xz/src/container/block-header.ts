// What a block begins with. xz file format §3.1.
//
//   length / 4 - 1 | flags | [length of the data, VLI] | [raw length, VLI] | filters | zeros up to length - 4 | CRC-32
//
//   length   8..1024
//   flags    bits 0..1 number of filters - 1; bits 2..5 zero; 0x40 and 0x80: which of the two lengths are there
//   filter   id, VLI | length of the properties, VLI | properties
import type { ByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { CorruptData } from "../corrupt-data.ts";
import { newer } from "../map-fault.ts";
import { dictionaryCode } from "./dictionary-size.ts";
import { pushVli, readVli } from "./vli.ts";

const smallestHeader = 8;
/** In bytes. */
export const longestHeader = 1024;
/** As long as most headers are, so that one read will do. */
const usualHeader = 32;
const crcLength = 4;
const reservedFlags = 0x3c;
const dataLengthFlag = 0x40;
const rawLengthFlag = 0x80;
/** LZMA2's id. xz file format §5.3.1. */
export const lzma2Id = 0x21;

export interface Filter {
  readonly id: number;
  readonly properties: Uint8Array;
}

export interface BlockHeader {
  readonly length: number;
  /** Of the compressed data, without padding; absent where the header does not say. */
  readonly dataLength: number | undefined;
  /** Absent where the header does not say. */
  readonly rawLength: number | undefined;
  readonly filters: readonly Filter[];
  /** Zeros before the CRC-32: up to 3 make it a multiple of 4, any more are there at somebody's choice. */
  readonly paddingLength: number;
}

/**
 * The header of a block of LZMA2 data, with both lengths, so that `xz -T` decodes blocks in parallel.
 * @param extraPadding zeros beyond those that are needed, a multiple of 4.
 */
export function encodeBlockHeader(
  dataLength: number,
  rawLength: number,
  dictionaryLength: number,
  extraPadding = 0,
): Uint8Array {
  const fields = [0, dataLengthFlag | rawLengthFlag];
  pushVli(fields, dataLength);
  pushVli(fields, rawLength);
  fields.push(lzma2Id, 1, dictionaryCode(dictionaryLength));
  const length = Math.ceil((fields.length + crcLength) / 4) * 4 + extraPadding;
  const bytes = new Uint8Array(length);
  bytes.set(fields);
  bytes[0] = length / 4 - 1;
  new DataView(bytes.buffer).setUint32(length - crcLength, crc32.of(bytes.subarray(0, -crcLength)), true);
  return bytes;
}

/**
 * The block with `surplus` more zeros in its header; undefined unless that is a multiple of 4, and the header has room.
 */
export function extendBlockHeader(block: Uint8Array, surplus: number): Uint8Array | undefined {
  const length = ((block[0] ?? 0) + 1) * 4;
  const extended = length + surplus;
  if (surplus < 0 || surplus % 4 !== 0 || extended > longestHeader) return undefined;
  const bytes = new Uint8Array(block.length + surplus);
  bytes.set(block.subarray(0, length - crcLength));
  bytes[0] = extended / 4 - 1;
  const crc = crc32.of(bytes.subarray(0, extended - crcLength));
  new DataView(bytes.buffer).setUint32(extended - crcLength, crc, true);
  bytes.set(block.subarray(length), extended);
  return bytes;
}

/**
 * Reads the header of the block at `offset`, which ends before `end`.
 * @throws CorruptData; MapError `MAP_VERSION`.
 */
export async function readBlockHeader(packed: ByteSource, offset: number, end: number): Promise<BlockHeader> {
  const first = await packed.read(offset, Math.min(usualHeader, end - offset));
  const length = ((first[0] ?? 0) + 1) * 4;
  if (length < smallestHeader || length > end - offset) {
    throw new CorruptData(`its header has a length of ${length} in ${end - offset} bytes`);
  }
  const whole = length <= first.length ? first.subarray(0, length) : await packed.read(offset, length);
  return parseBlockHeader(whole);
}

/** @param bytes the header, as long as its first byte says. */
function parseBlockHeader(bytes: Uint8Array): BlockHeader {
  const fields = bytes.subarray(0, -crcLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(fields.length, true) !== crc32.of(fields)) {
    throw new CorruptData("its header has the wrong CRC-32");
  }
  const flags = fields[1] ?? 0;
  if ((flags & reservedFlags) !== 0) throw newer(`a block has the flags 0x${flags.toString(16)}`);
  let at = 2;
  const next = (): number => {
    const field = readVli(fields, at);
    if (field === undefined) throw new CorruptData(`its header has a bad number at byte ${at}`);
    at = field.end;
    return field.value;
  };
  const dataLength = (flags & dataLengthFlag) === 0 ? undefined : next();
  const rawLength = (flags & rawLengthFlag) === 0 ? undefined : next();
  const filters: Filter[] = [];
  for (let count = (flags & 3) + 1; count > 0; count--) {
    const id = next();
    const length = next();
    if (length > fields.length - at) throw new CorruptData("its header ends inside a filter");
    filters.push({ id, properties: fields.slice(at, at + length) });
    at += length;
  }
  const padding = fields.subarray(at);
  if (padding.some((byte) => byte !== 0)) {
    throw new CorruptData("its header has other bytes than zeros behind the filters");
  }
  return { length: bytes.length, dataLength, rawLength, filters, paddingLength: padding.length };
}
