import type { Stamp } from "./stamp.ts";
import { StampFileError } from "./stamp-file-error.ts";
import { crcText } from "@bootstamp/crc";

/** What is known of the image that a stamp is to be put into. */
export interface KnownBase {
  readonly rawLength: number;
  readonly rawCrc32?: number;
  readonly rawSha256?: string;
}

/**
 * Throws unless the stamp is for this base, as far as both know its digests: a stamp of another base, put into this
 * one, would make an image that nobody has ever seen.
 * @throws StampFileError `STAMP_FILE_OTHER_BASE`.
 */
export function checkBase({ base }: Stamp, known: KnownBase): void {
  if (base.rawLength !== known.rawLength) {
    throw otherBase("length", base.rawLength, known.rawLength);
  }
  if (known.rawCrc32 !== undefined && base.rawCrc32 !== known.rawCrc32) {
    throw otherBase("CRC-32", crcText(base.rawCrc32), crcText(known.rawCrc32));
  }
  const { rawSha256 } = known;
  if (rawSha256 !== undefined && base.rawSha256 !== undefined && base.rawSha256 !== rawSha256) {
    throw otherBase("SHA-256", base.rawSha256, rawSha256);
  }
}

function otherBase(what: string, expected: number | string, actual: number | string): StampFileError {
  return new StampFileError(
    "STAMP_FILE_OTHER_BASE",
    `the stamp is for another base image: ${what} ${expected}, this one has ${actual}`,
    { expected, actual },
  );
}
