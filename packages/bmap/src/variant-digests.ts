import type { Patch } from "@bootstamp/byte-source";
import type { Extent } from "@bootstamp/segment-map";
import { changedRanges } from "./bmap-ranges.ts";

/**
 * The digests of a variant's ranges, from those of its base: only the ranges that the patch changes are digested.
 * @param digest gives the SHA-256, in hex, of each range of the base with the patch in it.
 */
export async function variantDigests(
  ranges: readonly Extent[],
  baseDigests: readonly string[],
  patch: Patch,
  digest: (ranges: readonly Extent[]) => Promise<readonly string[]>,
): Promise<string[]> {
  const changed = changedRanges(ranges, patch);
  const fresh = await digest(changed.flatMap((index) => ranges[index] ?? []));
  const digests = [...baseDigests];
  for (const [at, index] of changed.entries()) digests[index] = fresh[at] ?? "";
  return digests;
}
