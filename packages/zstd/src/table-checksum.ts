import type { ByteSource } from "@bootstamp/byte-source";
import type { Segment } from "@bootstamp/segment-map";
import { viewOf } from "./view-of.ts";
import { checksumLength } from "./xxh64.ts";

/**
 * The checksum that the seek table has for a segment, as the file has it now; undefined for a table without checksums.
 * `formatNote` of a segment of this format is where that is in the file: a stamp changes it.
 */
export async function readTableChecksum(
  { formatNote }: Segment,
  packed: ByteSource,
): Promise<number | undefined> {
  return formatNote === undefined
    ? undefined
    : viewOf(await packed.read(formatNote, checksumLength)).getUint32(0, true);
}
