// What is around each member's deflate stream. RFC 1952 §2.3.
//
//   1F 8B  CM 08  FLG  MTIME (4)  XFL  OS
//   FEXTRA: XLEN (2), that many bytes · FNAME: bytes up to a zero · FCOMMENT: the same · FHCRC: CRC-16 of the header
//   the deflate stream
//   CRC32 (4)  ISIZE (4)
import { crc32 } from "node:zlib";
import type { ByteSource } from "@bootstamp/byte-source";
import { GzipIndexError, streamFault } from "./gzip-index-error.ts";

export const trailerLength = 8;
const fixedLength = 10;
// Bits of FLG.
const headerCrc = 2;
const extraField = 4;
const fileName = 8;
const comment = 16;
const reserved = 0xe0;
/** Longer than XLEN allows, and than any name. */
const maxHeaderLength: number = 192 << 10;

/** Whether a file that begins so is a .gz: ID1 and ID2 of RFC 1952 §2.3.1. */
export function isGzip(firstBytes: Uint8Array): boolean {
  return firstBytes[0] === 0x1f && firstBytes[1] === 0x8b;
}

/**
 * Where the deflate stream of the member at `offset` begins; undefined where there is no member.
 * @throws GzipIndexError `GZINDEX_STREAM_DAMAGED` where there is one whose header makes no sense.
 */
export async function memberData(packed: ByteSource, offset: number): Promise<number | undefined> {
  const first = await packed.read(offset, Math.min(512, packed.length - offset));
  if (!isGzip(first)) return undefined;
  const length = headerLength(first, offset);
  if (length !== undefined) return offset + length;
  const rest = Math.min(maxHeaderLength, packed.length - offset);
  const whole = headerLength(await packed.read(offset, rest), offset);
  if (whole === undefined) throw streamFault(offset, "a header does not end");
  return offset + whole;
}

/** {@link memberData} of the first member. @throws GzipIndexError `GZINDEX_NOT_GZIP`, and what that throws. */
export async function firstMemberData(packed: ByteSource): Promise<number> {
  const data = await memberData(packed, 0);
  if (data !== undefined) return data;
  const begins = Buffer.from(await packed.read(0, Math.min(4, packed.length))).toString("hex");
  throw new GzipIndexError("GZINDEX_NOT_GZIP", `not a gzip file: it begins with ${begins}`);
}

/** Undefined where the header goes on behind `bytes`. */
function headerLength(bytes: Uint8Array, offset: number): number | undefined {
  const [, , method = 8, flags = 0] = bytes;
  if (method !== 8) throw streamFault(offset, `a member is compressed by method ${method}, expected 8`);
  if ((flags & reserved) !== 0) throw streamFault(offset, `a header has the unknown flags ${flags}`);
  let at = fixedLength;
  if ((flags & extraField) !== 0) at += 2 + (bytes[at] ?? 0) + ((bytes[at + 1] ?? 0) << 8);
  for (const flag of [fileName, comment]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return undefined;
    at = end + 1;
  }
  const isChecked = (flags & headerCrc) !== 0;
  if (at + (isChecked ? 2 : 0) > bytes.length) return undefined;
  if (!isChecked) return at;
  const expected = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  const got = crc32(bytes.subarray(0, at)) & 0xffff;
  if (got !== expected) throw streamFault(offset, `a header has the CRC-16 ${got}, expected ${expected}`);
  return at + 2;
}

/** Where the bytes that are not zero go on from `offset`; the end of the file, if nowhere. */
export async function skipZeros(packed: ByteSource, offset: number): Promise<number> {
  for (let at = offset; at < packed.length;) {
    const bytes = await packed.read(at, Math.min(512, packed.length - at));
    const index = bytes.findIndex((byte) => byte !== 0);
    if (index >= 0) return at + index;
    at += bytes.length;
  }
  return packed.length;
}
