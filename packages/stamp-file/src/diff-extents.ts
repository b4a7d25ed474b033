import type { ByteSource, Patch } from "@bootstamp/byte-source";
import type { Difference } from "./diff-sources.ts";
import { bothWindows, DifferingExtents, type RawExtent } from "./differing-extents.ts";
import { readRuns } from "./read-runs.ts";
import type { StampBase } from "./stamp.ts";
import { StampFileError } from "./stamp-file-error.ts";
import { patchedCrc32 } from "@bootstamp/crc";

/**
 * Finds what differs between two raw images that are the same outside of `extents`, by reading these alone. The runs are
 * those that `diffSources` finds; or the extents as a whole, where a stamp has no room for so many runs.
 *
 * Neither source may change on the way.
 * @param known the base's identity, which is taken at its word. @param extents sorted, and apart by a byte or more.
 * @throws StampFileError `STAMP_FILE_TOO_LARGE`; what the sources throw.
 */
export async function diffExtents(
  base: ByteSource,
  variant: ByteSource,
  known: StampBase,
  extents: readonly RawExtent[],
): Promise<Difference> {
  const patch = await differingRuns(base, variant, extents);
  return { base: known, result: { rawCrc32: patchedCrc32(known.rawCrc32, known.rawLength, patch) }, patch };
}

async function differingRuns(
  base: ByteSource,
  variant: ByteSource,
  extents: readonly RawExtent[],
): Promise<Patch> {
  const differing = new DifferingExtents();
  try {
    for (const extent of extents) {
      for await (const window of bothWindows(base, variant, extent)) {
        differing.compare(window.offset, window.base, window.variant);
      }
    }
  } catch (error) {
    if (!(error instanceof StampFileError)) throw error;
    return await readRuns(base, variant, extents);
  }
  return await readRuns(base, variant, differing.extents);
}
