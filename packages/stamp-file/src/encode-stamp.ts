// A stamp as a file. FORMAT.md, "stamp"; all numbers are unsigned, the lowest byte first.
//
//   0      6  magic "BSTAMP"
//   6      2  version, 1
//   8      4  length of the body, unpacked
//   12        the body, as one zstd frame
//   n - 4  4  CRC-32 of all the bytes before it
import { createHash } from "node:crypto";
import { crc32 } from "@bootstamp/crc";
import { ByteWriter } from "./byte-writer.ts";
import { encodeBody } from "./encode-body.ts";
import { packBody } from "./pack-body.ts";
import type { Stamp } from "./stamp.ts";

export const stampMagic: Uint8Array = Buffer.from("BSTAMP");
export const stampVersion = 1;
/** Bytes before the packed body. */
export const headLength = 12;
export const crcLength = 4;

/**
 * The bytes of a stamp file. The same stamp gives the same bytes wherever zstd is of the same version; what is unpacked
 * from them is always the same, see {@link stampIdentity}. The order of the artifacts does not matter.
 *
 * Takes some seconds for a patch of tens of MiB, and three times its memory.
 * @throws StampFileError `STAMP_FILE_TOO_LARGE`. `RangeError` for runs that overlap, touch, are out of order, empty or
 * outside the image; for a CRC-32 of the result that is not what the patch comes to; for names and digests that are none.
 */
export function encodeStamp(stamp: Stamp): Uint8Array {
  const body = encodeBody(stamp);
  const head = new ByteWriter();
  head.bytes(stampMagic);
  head.uint(stampVersion, 2);
  head.uint(body.length, 4);
  const parts = [head.finish(), packBody(body)];
  const file = new ByteWriter();
  for (const part of parts) file.bytes(part);
  file.uint(
    parts.reduce((crc, part) => crc32.of(part, crc), crc32.empty),
    crcLength,
  );
  return file.finish();
}

/** What a stamp is, whichever zstd packed it: SHA-256, in hex, of its unpacked body. @throws as {@link encodeStamp}. */
export function stampIdentity(stamp: Stamp): string {
  return createHash("sha256").update(encodeBody(stamp)).digest("hex");
}
