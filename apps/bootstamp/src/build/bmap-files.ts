import { join } from "node:path";
import { bmapRanges, encodeBmap, variantDigests } from "@bootstamp/bmap";
import type { Extent } from "@bootstamp/segment-map";
import { writeIfChanged } from "./write-if-changed.ts";
import type { ArtifactRecord } from "./manifest.ts";
import { findPatch } from "./patch-file.ts";
import type { StampContext, StampJob } from "./stamp-variants.ts";

/**
 * Writes a bmap beside each artifact and returns the records with its name in them. The base's ranges are digested
 * once; for each variant only those that it changes.
 */
export async function writeBmaps(
  jobs: readonly StampJob[],
  records: readonly ArtifactRecord[],
  context: StampContext,
): Promise<ArtifactRecord[]> {
  const baseDigests = new Map<string, { ranges: readonly Extent[]; digests: readonly string[] }>();
  const named: ArtifactRecord[] = [];
  for (const [index, record] of records.entries()) {
    const job = jobs[index];
    if (job === undefined) throw new Error("internal error: an artifact without a job");
    const { format, map } = job.stampable;
    let base = baseDigests.get(format.name);
    if (base === undefined) {
      const ranges = bmapRanges(map, "written");
      base = { ranges, digests: await context.digester.digestRanges({ file: context.base, ranges }) };
      baseDigests.set(format.name, base);
    }
    named.push({ ...record, bmap: await writeBmap(job, record, base, context) });
  }
  return named;
}

async function writeBmap(
  { variant, stampable }: StampJob,
  record: ArtifactRecord,
  { ranges, digests }: { ranges: readonly Extent[]; digests: readonly string[] },
  { base, digester, workshop, signal }: StampContext,
): Promise<string> {
  const patch = findPatch(variant.patchPath)?.patch ?? [];
  const own = await variantDigests(ranges, digests, patch, async (changed) => {
    return await digester.digestRanges({ file: base, ranges: changed, overwrites: patch, signal });
  });
  const name = `${record.file}.bmap`;
  const text = encodeBmap({ imageLength: stampable.map.rawLength, ranges, digests: own });
  await writeIfChanged(join(workshop.outputDirectory, name), text);
  return name;
}
