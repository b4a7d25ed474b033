import { overwrittenSource, type ByteSource, type Patch } from "@bootstamp/byte-source";
import { bothWindows, DifferingExtents, type RawExtent } from "./differing-extents.ts";
import { readRuns } from "./read-runs.ts";

/**
 * The patch without the bytes that the base has anyway: the same that `diffSources` finds between the base and what
 * the patch makes of it, without reading more of the base than the patch covers.
 *
 * A patch from edits has whole blocks, of which mostly few bytes differ.
 * @param patch its runs are in ascending order, apart, and inside the base.
 * @throws StampFileError `STAMP_FILE_TOO_LARGE`; what the source throws.
 */
export async function trimPatch(base: ByteSource, patch: Patch): Promise<Patch> {
  const variant = overwrittenSource(base, patch);
  const differing = new DifferingExtents();
  for (const { offset, bytes } of patch) {
    const extent: RawExtent = { offset, length: bytes.length };
    for await (const window of bothWindows(base, variant, extent)) {
      differing.compare(window.offset, window.base, window.variant);
    }
  }
  return await readRuns(base, variant, differing.extents);
}
