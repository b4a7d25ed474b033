import { Fault } from "@bootstamp/fault";
import type { ByteSource, Patch } from "@bootstamp/byte-source";
import type { SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import { checkContent, checkSeals, crcAfter } from "./read-back.ts";
import { StampError } from "./stamp-error.ts";

/**
 * Throws unless `artifact` reads as the stampable image of `map` with `patch` in it.
 *
 * Sealing the patch once more, over itself, must find its bytes and the CRC-32 that they come to by algebra, and change
 * nothing: not the patched bytes, and not the checksums that go with them. Then what was patched is decoded and
 * compared. Costs O(patch), whatever the image's length: of a segment too long to be decoded only the patched bytes are
 * read. What the patch does not touch is taken as copied right.
 * @throws StampError `STAMP_VERIFY_FAILED`, with the fault that reading met as its cause.
 */
export async function verifyStamped(
  format: StreamFormat,
  map: SegmentMap,
  patch: Patch,
  artifact: ByteSource,
): Promise<void> {
  const after = { ...map, rawCrc32: crcAfter(map, patch) };
  try {
    await checkSeals(format, after, patch, artifact);
    await checkContent(format, after, patch, artifact);
  } catch (error) {
    if (!(error instanceof Fault) || error instanceof StampError) throw error;
    throw new StampError(
      "STAMP_VERIFY_FAILED",
      `a stamped file does not read back: ${error.message}`,
      error.fields,
      { cause: error },
    );
  }
}
