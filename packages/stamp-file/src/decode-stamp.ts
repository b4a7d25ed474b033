import { crc32 } from "@bootstamp/crc";
import { ByteReader } from "./byte-reader.ts";
import { crcLength, headLength, stampMagic, stampVersion } from "./encode-stamp.ts";
import { maxBodyLength } from "./limits.ts";
import { unpackBody } from "./pack-body.ts";
import { parseBody } from "./parse-body.ts";
import type { Stamp } from "./stamp.ts";
import { damaged, StampFileError, tooLarge } from "./stamp-file-error.ts";

/** The longest stamp file: zstd adds 3 bytes to each 128 KiB that it cannot pack, and a header of 18 at most. */
export const maxStampFileLength: number =
  headLength + maxBodyLength + 3 * (maxBodyLength >> 17) + 21 + crcLength;

/** Whether a file that begins with `firstBytes` (6 at least) is a stamp of some version, whole or not. */
export function recognisesStamp(firstBytes: Uint8Array): boolean {
  return Buffer.compare(firstBytes.subarray(0, stampMagic.length), stampMagic) === 0;
}

/**
 * Takes a stamp file apart, which anybody may have written. Does not keep `bytes`; the runs' bytes are views of one
 * array. Memory is bounded by the limits of the format, whatever the file claims.
 * @throws StampFileError `STAMP_FILE_FOREIGN`, `STAMP_FILE_VERSION`, `STAMP_FILE_DAMAGED`, `STAMP_FILE_TOO_LARGE`.
 */
export function decodeStamp(bytes: Uint8Array): Stamp {
  if (!recognisesStamp(bytes)) throw new StampFileError("STAMP_FILE_FOREIGN", "the file is not a stamp");
  if (bytes.length > maxStampFileLength) throw tooLarge(bytes.length, maxStampFileLength, "bytes");
  const file = bytes.subarray(0, Math.max(0, bytes.length - crcLength));
  if (file.length < headLength) throw damaged(`it has ${bytes.length} bytes, which is too few`);
  // Before the version: whether damage or another version, only the checksum can tell.
  if (crc32.of(file) !== new ByteReader(bytes.subarray(file.length)).uint(crcLength)) {
    throw damaged("its checksum does not fit its bytes");
  }
  const head = new ByteReader(file.subarray(stampMagic.length, headLength));
  checkVersion(head.uint(2));
  const bodyLength = head.uint(4);
  if (bodyLength > maxBodyLength) throw tooLarge(bodyLength, maxBodyLength, "bytes");
  return parseBody(unpackBody(file.subarray(headLength), bodyLength));
}

function checkVersion(version: number): void {
  if (version === stampVersion) return;
  throw new StampFileError(
    "STAMP_FILE_VERSION",
    `the stamp is of version ${version}, this program knows ${stampVersion}`,
    { version },
  );
}
