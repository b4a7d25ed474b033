// The two ends of a stream. xz file format §2.1.1 and §2.1.2; numbers are little-endian.
//
//   header   FD "7zXZ" 00 | 00 check | CRC-32 of these two bytes
//   footer   CRC-32 of the next six bytes | index length / 4 - 1, u32 | 00 check | "YZ"
import { crc32 } from "@bootstamp/crc";
import type { ByteSource } from "@bootstamp/byte-source";
import { MapError } from "@bootstamp/segment-map";
import { damaged, inconsistent, missing, newer } from "../map-fault.ts";
import type { Check } from "./check.ts";
import { checkWithId } from "./checks.ts";

/** Of the header as of the footer. */
export const streamEndLength = 12;
const headerMagic = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);
const footerMagic = Uint8Array.of(0x59, 0x5a);
const flagsLength = 2;

export function isXz(firstBytes: Uint8Array): boolean {
  return Buffer.compare(firstBytes.subarray(0, headerMagic.length), headerMagic) === 0;
}

export function encodeStreamHeader(check: Check): Uint8Array {
  const bytes = new Uint8Array(streamEndLength);
  bytes.set(headerMagic);
  bytes[headerMagic.length + 1] = check.id;
  const flags = bytes.subarray(headerMagic.length, headerMagic.length + flagsLength);
  viewOf(bytes).setUint32(headerMagic.length + flagsLength, crc32.of(flags), true);
  return bytes;
}

/** @param indexLength a multiple of 4, up to 16 GiB. */
export function encodeStreamFooter(check: Check, indexLength: number): Uint8Array {
  const bytes = new Uint8Array(streamEndLength);
  const view = viewOf(bytes);
  view.setUint32(4, indexLength / 4 - 1, true);
  bytes[9] = check.id;
  view.setUint32(0, crc32.of(bytes.subarray(4, 10)), true);
  bytes.set(footerMagic, 10);
  return bytes;
}

/**
 * Reads the stream header of a file and returns the check that its blocks have.
 * @throws MapError `MAP_NOT_THIS_FORMAT`, `MAP_INCONSISTENT`, `MAP_DAMAGED`, `MAP_VERSION`, `MAP_MISSING`.
 */
export async function readStreamHeader(packed: ByteSource): Promise<Check> {
  const bytes = await packed.read(0, Math.min(streamEndLength, packed.length));
  if (!isXz(bytes)) {
    const found = Buffer.from(bytes.subarray(0, headerMagic.length)).toString("hex");
    throw new MapError("MAP_NOT_THIS_FORMAT", `not xz: it begins with ${found}`);
  }
  if (bytes.length < streamEndLength) throw inconsistent("it ends inside the stream header");
  const flags = bytes.subarray(headerMagic.length, headerMagic.length + flagsLength);
  if (viewOf(bytes).getUint32(headerMagic.length + flagsLength, true) !== crc32.of(flags)) {
    throw damaged("the stream header has the wrong CRC-32");
  }
  return checkOf(flags);
}

export interface StreamFooter {
  readonly check: Check;
  readonly indexLength: number;
}

/**
 * Reads the footer that ends at `end`.
 * @throws MapError `MAP_INCONSISTENT`, `MAP_DAMAGED`, `MAP_VERSION`, `MAP_MISSING`.
 */
export async function readStreamFooter(packed: ByteSource, end: number): Promise<StreamFooter> {
  const bytes = await packed.read(end - streamEndLength, streamEndLength);
  const view = viewOf(bytes);
  if (Buffer.compare(bytes.subarray(10), footerMagic) !== 0) {
    if (view.getUint32(8, true) === 0)
      throw missing("it ends with zeros (stream padding), which are not read");
    throw inconsistent(`no stream footer ends at offset ${end}: it was cut or extended`);
  }
  if (view.getUint32(0, true) !== crc32.of(bytes.subarray(4, 10))) {
    throw damaged(`the stream footer at offset ${end - streamEndLength} has the wrong CRC-32`);
  }
  return { check: checkOf(bytes.subarray(8, 10)), indexLength: (view.getUint32(4, true) + 1) * 4 };
}

function checkOf(flags: Uint8Array): Check {
  const [first = 0, second = 0] = flags;
  if (first !== 0 || second > 0x0f) throw newer(`its stream flags are ${Buffer.from(flags).toString("hex")}`);
  const check = checkWithId(second);
  if (check === undefined) throw missing(`its check has number ${second}, which no program defines`);
  return check;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
