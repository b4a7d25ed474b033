import type { Patch } from "@bootstamp/byte-source";
import { crcText } from "@bootstamp/crc";
import { MapError } from "./map-error.ts";

/**
 * Throws `MAP_PATCH_OTHER_BASE` unless the bytes that each run of `patch` replaces have the CRC-32 that it was made for.
 * @param found the CRC-32 of what the file has in each run's place.
 */
export function checkReplaced(patch: Patch, found: readonly number[]): void {
  for (const [index, { offset, bytes, replacedCrc32 }] of patch.entries()) {
    const crc = found[index] ?? 0;
    if (crc === replacedCrc32) continue;
    throw new MapError(
      "MAP_PATCH_OTHER_BASE",
      `the patch at offset ${offset} replaces ${bytes.length} bytes of CRC-32 ${crcText(replacedCrc32)}, the file has ${crcText(crc)}`,
      { offset },
    );
  }
}
