import type { Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import type { StampBase } from "./stamp.ts";

/** CRC-32 of the base's raw bytes with the patch in them. O(bytes of the patch + its runs times log of the image's length). */
export function crcAfter({ rawLength, rawCrc32 }: StampBase, patch: Patch): number {
  return patch.reduce((crc, { offset, bytes, replacedCrc32 }) => {
    return crc32.patch(crc, replacedCrc32, crc32.of(bytes), rawLength - offset - bytes.length);
  }, rawCrc32);
}
