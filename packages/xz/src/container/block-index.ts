// The index behind the blocks. xz file format §4.
//
//   00 | number of records, VLI | records | zeros up to a multiple of 4 | CRC-32 of all before
//
//   record   unpadded length, VLI: header, data and check, without the padding between | raw length, VLI
import { crc32 } from "@bootstamp/crc";
import { damaged, missing } from "../map-fault.ts";
import { pushVli, readVli } from "./vli.ts";

export interface BlockRecord {
  readonly unpaddedLength: number;
  readonly rawLength: number;
}

/** Two million blocks: 32 TiB at 16 MiB each. What a map of them takes in memory is some 200 MiB. */
export const maxBlockCount: number = 2 ** 21;
/** More than an index of so many blocks can have: two numbers of 9 bytes each, and what is around them. */
export const maxIndexLength: number = maxBlockCount * 18 + 32;
/** The least that the format allows (§4.3.1): what a header, data and no check come to, rounded down by padding. */
const smallestUnpadded = 5;
const crcLength = 4;

/** Length of a block in the file: padded to a multiple of 4 between data and check. */
export function paddedLength(unpaddedLength: number): number {
  return Math.ceil(unpaddedLength / 4) * 4;
}

export function encodeIndex(records: readonly BlockRecord[]): Uint8Array {
  const fields = [0];
  pushVli(fields, records.length);
  for (const { unpaddedLength, rawLength } of records) {
    pushVli(fields, unpaddedLength);
    pushVli(fields, rawLength);
  }
  const length = paddedLength(fields.length);
  const bytes = new Uint8Array(length + crcLength);
  bytes.set(fields);
  new DataView(bytes.buffer).setUint32(length, crc32.of(bytes.subarray(0, length)), true);
  return bytes;
}

/**
 * Yields the records of an index one by one: so many may be there that they are not held twice.
 * @param bytes a whole index.
 * @param maxPacked what the blocks may come to in the file.
 * @throws MapError `MAP_DAMAGED`, as late as where the damage is; `MAP_MISSING` for more blocks than {@link maxBlockCount}.
 */
export function* parseIndex(bytes: Uint8Array, maxPacked: number): Generator<BlockRecord> {
  const fields = bytes.subarray(0, -crcLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(fields.length, true) !== crc32.of(fields))
    throw damaged("the index has the wrong CRC-32");
  if (fields[0] !== 0) throw damaged(`the index begins with ${fields[0] ?? "nothing"}, expected 0`);
  let at = 1;
  const next = (): number => {
    const field = readVli(fields, at);
    if (field === undefined) throw damaged(`the index has a bad number at byte ${at}`);
    at = field.end;
    return field.value;
  };
  const count = next();
  if (count > (fields.length - at) / 2) throw damaged(`the index cannot hold the ${count} records it claims`);
  if (count > maxBlockCount) throw missing(`it has ${count} blocks, more than ${maxBlockCount}`);
  let packedTotal = 0;
  let rawTotal = 0;
  for (let index = 0; index < count; index++) {
    const record = { unpaddedLength: next(), rawLength: next() };
    packedTotal += record.unpaddedLength;
    rawTotal += record.rawLength;
    if (
      record.unpaddedLength < smallestUnpadded ||
      packedTotal > maxPacked ||
      !Number.isSafeInteger(rawTotal)
    ) {
      throw damaged(
        `block ${index} would have ${record.unpaddedLength} bytes, and its image end at ${rawTotal}`,
      );
    }
    yield record;
  }
  const padding = fields.subarray(at);
  if (padding.length > 3 || padding.some((byte) => byte !== 0)) {
    throw damaged(`the index has ${padding.length} bytes behind its records`);
  }
}
