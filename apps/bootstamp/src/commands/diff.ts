import { parse } from "node:path";
import { writeFileSync } from "node:fs";
import type { Patch } from "@bootstamp/byte-source";
import { stampingCost } from "@bootstamp/segment-map";
import { diffSources, encodeStamp, type StampArtifact } from "@bootstamp/stamp-file";
import { stampableIdentity } from "@bootstamp/stamp";
import { writeWholeFile } from "@bootstamp/whole-file";
import { refuseOverwriting } from "../build/refuse-overwriting.ts";
import { checksumsOf } from "../file-checksums.ts";
import { openReadable, type ReadableImage } from "../open-readable.ts";
import { countText, durationText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";

export interface DiffOptions {
  /** Images of one length, of any kind: paths or URLs. */
  readonly base: string;
  readonly variant: string;
  /** The stamp to make. */
  readonly output: string;
  /** Of the variant; default: the name of the stamp without its ending. */
  readonly name?: string;
}

/** Makes a stamp of what differs between two images, by reading both whole. */
export async function diff(options: DiffOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { output, name = parse(output).name } = options;
  const base = await openReadable(options.base, { reporter, signal });
  try {
    const variant = await openReadable(options.variant, { reporter, signal });
    try {
      for (const { file } of [base, variant]) refuseOverwriting(file, [output]);
      const total = base.raw.length;
      const onProgress = (done: number): void => reporter.progress({ task: "compare", done, total });
      const difference = await diffSources(base.raw, variant.raw, { sha256: true, onProgress, signal });
      const artifacts = await artifactsOf(base, variant, difference.patch, reporter, signal);
      const stamp = encodeStamp({ name, ...difference, artifacts });
      await writeWholeFile(output, async (path) => writeFileSync(path, stamp, { flag: "wx" }));
      const changed = difference.patch.reduce((sum, { bytes }) => sum + bytes.length, 0);
      const facts = { name, changedBytes: changed, runs: difference.patch.length, length: stamp.length };
      const seconds = (performance.now() - started) / 1000;
      reporter.tell({ event: "diffed", path: output, ...facts, seconds }, [
        `differs   ${sizeText(changed)} in ${countText(difference.patch.length, "place")}`,
        `wrote     ${output}, ${sizeText(stamp.length)}, in ${durationText(seconds)}`,
      ]);
    } finally {
      await variant.close();
    }
  } finally {
    await base.close();
    reporter.settle();
  }
}

/**
 * Where both are of one stampable file, the variant is what the stamp makes of it; to the byte, unless it is spliced
 * in.
 */
async function artifactsOf(
  { packed: base }: ReadableImage,
  { packed, file }: ReadableImage,
  patch: Patch,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<StampArtifact[]> {
  if (base === undefined || packed === undefined || base.format !== packed.format) return [];
  const stampable = stampableIdentity(base.map);
  if (stampable !== stampableIdentity(packed.map)) return [];
  const artifact = { format: packed.format.name, stampable, length: file.length };
  const extents = patch.map(({ offset, bytes }) => ({ offset, length: bytes.length }));
  if (stampingCost(base.map, extents).segments > 0) return [artifact];
  const onProgress = (done: number): void => reporter.progress({ task: "digest", done, total: file.length });
  return [{ ...artifact, ...(await checksumsOf(file, onProgress, signal)) }];
}
