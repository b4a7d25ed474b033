import { checkBase, decodeStamp, maxStampFileLength, type Stamp } from "@bootstamp/stamp-file";
import type { ReadableImage } from "./open-readable.ts";
import { readFileBytes } from "./read-file-bytes.ts";
import { aboutFile } from "./about-file.ts";

/** Reads a stamp. @throws StampFileError; ProgramError `USAGE_ARGUMENT` for a file that cannot be read. */
export async function readStamp(path: string): Promise<Stamp> {
  const bytes = readFileBytes(path, maxStampFileLength);
  return await aboutFile(path, async () => decodeStamp(bytes));
}

/** Throws unless a stamp is for an image. @throws StampFileError `STAMP_FILE_OTHER_BASE`. */
export function checkStampFor(stamp: Stamp, { raw, packed }: ReadableImage): void {
  const rawCrc32 = packed?.map.rawCrc32;
  checkBase(stamp, { rawLength: raw.length, ...(rawCrc32 === undefined ? {} : { rawCrc32 }) });
}
