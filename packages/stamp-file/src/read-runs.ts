import type { ByteSource, Patch, PatchRun } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { windowLength, type RawExtent } from "./differing-extents.ts";

/** The patch that puts `extents` of `variant` in the place of those of `base`. */
export async function readRuns(
  base: ByteSource,
  variant: ByteSource,
  extents: readonly RawExtent[],
): Promise<Patch> {
  const runs: PatchRun[] = [];
  for (const { offset, length } of extents) {
    const bytes = await variant.read(offset, length);
    let replacedCrc32 = 0;
    for (let done = 0; done < length; done += windowLength) {
      const count = Math.min(windowLength, length - done);
      replacedCrc32 = crc32.of(await base.read(offset + done, count), replacedCrc32);
    }
    runs.push({ offset, bytes, replacedCrc32 });
  }
  return runs;
}
