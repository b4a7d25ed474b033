import { alignExtents, type Extent } from "@bootstamp/segment-map";
import { openDigester, type Digester } from "@bootstamp/stamp";
import { expandVariants, loadSpec, type Spec, type VariantPlan } from "@bootstamp/variants";
import { basename, join } from "node:path";
import { formatNamed, knownNames } from "../formats.ts";
import type { Reporter } from "../report/reporter.ts";
import { generator } from "../version.ts";
import { baseDigest, openBase, type BaseImage } from "./base-image.ts";
import { writeBmaps } from "./bmap-files.ts";
import * as tell from "./build-report.ts";
import { checksumsText, manifestText, type ArtifactRecord, type Manifest } from "./manifest.ts";
import { pressBase, type Stampable } from "./press-base.ts";
import { renderPatches, touchedExtents, type PatchedVariant } from "./render-patches.ts";
import { stampVariants, type StampedArtifact } from "./stamp-variants.ts";
import { openWorkshop, type Workshop } from "./workshop.ts";
import { writeIfChanged } from "./write-if-changed.ts";

export interface BuildOptions {
  readonly specPath: string;
  /** In place of the spec's output directory. */
  readonly outputDirectory?: string;
  /** Seconds since 1970 that edited files are dated with; absent: what the file system itself says. */
  readonly clock?: number;
  /** Only the stampable images: nothing is stamped. */
  readonly pressOnly?: boolean;
}

/** A spec that has been read, with its variants. */
export interface Job {
  readonly spec: Spec;
  readonly plans: readonly VariantPlan[];
}

/** Everything that a build's steps share. */
interface Site extends Job {
  readonly base: BaseImage;
  readonly workshop: Workshop;
  readonly digester: Digester;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly options: BuildOptions;
}

/** Reads a spec and expands its variants. @throws SpecError. */
export async function readJob(specPath: string): Promise<Job> {
  const spec = await loadSpec(specPath, { names: knownNames });
  return { spec, plans: expandVariants(spec) };
}

/**
 * Makes every artifact of a spec that is not there yet, then manifest.json and SHA256SUMS.
 *
 * A second run over the same inputs does nothing; after a kill the next run goes on where the last one was.
 * @throws SpecError, LayoutError, BootfsError, MapError, SourceError, WholeFileError, BuildError.
 */
export async function build(options: BuildOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const job = await readJob(options.specPath);
  const base = await openBase(baseChoiceOf(job.spec));
  const digester = openDigester();
  try {
    const workshop = openWorkshop(options.outputDirectory ?? job.spec.output.directory);
    try {
      tell.tellBase(reporter, base);
      await buildOn({ ...job, base, workshop, digester, reporter, signal, options }, started);
    } finally {
      workshop.close();
    }
  } finally {
    await digester.close();
    base.file.close();
    reporter.settle();
  }
}

/** What a spec says of its base, as {@link openBase} takes it. */
export function baseChoiceOf({ base, region }: Spec) {
  return {
    image: base.image,
    region,
    ...(base.sectorSize === undefined ? {} : { sectorLength: base.sectorSize }),
    ...(base.sha256 === undefined ? {} : { sha256: base.sha256 }),
  };
}

/** What will be stored: every block that some variant changes, or the region. */
export function storedExtentsOf(
  { spec, base }: Pick<Site, "spec" | "base">,
  patched: readonly PatchedVariant[],
): Extent[] {
  const { offset, length } = base.region;
  return spec.store === "whole"
    ? alignExtents([{ offset, length }], 4096, base.file.length)
    : touchedExtents(patched, base.file.length);
}

async function buildOn(site: Site, started: number): Promise<void> {
  const { spec, base, workshop, digester, reporter } = site;
  const progress = (done: number): void =>
    reporter.progress({ task: "read base", done, total: base.file.length });
  const sha256 = await baseDigest(base.file, spec.base.sha256, workshop.ledger, digester, progress);
  const patched = await patchVariants(site);
  const stored = storedExtentsOf(site, patched);
  tell.tellPatches(reporter, patched, stored);
  const stampables = await pressFormats(site, sha256, stored);
  try {
    if (site.options.pressOnly !== true) await stampAll(site, sha256, patched, stampables, started);
    await keepUsed(site, patched, stampables);
  } finally {
    for (const { file } of stampables) file.close();
  }
}

async function patchVariants(site: Site): Promise<PatchedVariant[]> {
  const { spec, plans, base, workshop, reporter, signal, options } = site;
  let done = 0;
  return await renderPatches({
    spec,
    plans,
    base,
    clock: options.clock,
    patchPath: (key) => workshop.patchPath(key),
    onPatched: (patched) => tell.tellPatched(reporter, patched, ++done, plans.length),
    signal,
  });
}

async function pressFormats(site: Site, baseSha256: string, stored: readonly Extent[]): Promise<Stampable[]> {
  const { spec, base, workshop, reporter, signal } = site;
  const stampables: Stampable[] = [];
  for (const name of spec.output.formats) {
    const format = formatNamed(name);
    const started = performance.now();
    const choice = { base, baseSha256, stored, format, compression: spec.output.compression };
    const stampable = await pressBase(choice, workshop, (report) => reporter.progress(report), signal);
    tell.tellPressed(reporter, stampable, base.file.length, (performance.now() - started) / 1000);
    stampables.push(stampable);
  }
  return stampables;
}

async function stampAll(
  site: Site,
  baseSha256: string,
  patched: readonly PatchedVariant[],
  stampables: readonly Stampable[],
  started: number,
): Promise<void> {
  const { spec, base, workshop, digester, reporter, signal } = site;
  const jobs = patched.flatMap((variant) => stampables.map((stampable) => ({ variant, stampable })));
  const artifacts: StampedArtifact[] = [];
  const context = { base: base.file, digests: spec.output.digests, workshop, digester, signal };
  for await (const artifact of stampVariants(jobs, context)) {
    artifacts.push(artifact);
    tell.tellStamped(reporter, artifact, artifacts.length, jobs.length);
  }
  base.file.assertUnchanged();
  let records = artifacts.map(({ record }) => record);
  if (spec.output.bmap) records = await writeBmaps(jobs, records, context);
  const changed = await writeRecords(site, baseSha256, stampables, records);
  tell.tellDone(reporter, artifacts, workshop.outputDirectory, changed, (performance.now() - started) / 1000);
}

/** Writes manifest.json and SHA256SUMS where they differ from what is there. Returns whether they did. */
async function writeRecords(
  { base, workshop, spec }: Site,
  sha256: string,
  stampables: readonly Stampable[],
  artifacts: readonly ArtifactRecord[],
): Promise<boolean> {
  const { number, offset, length } = base.region;
  const manifest: Manifest = {
    manifest: 1,
    generator,
    base: {
      image: basename(spec.base.image),
      length: base.file.length,
      sha256,
      region: { number, offset, length },
    },
    stampables: stampables.map(({ record }) => record),
    artifacts,
  };
  const directory = workshop.outputDirectory;
  const manifestChanged = await writeIfChanged(join(directory, "manifest.json"), manifestText(manifest));
  const sums = checksumsText(artifacts);
  return (sums !== "" && (await writeIfChanged(join(directory, "SHA256SUMS"), sums))) || manifestChanged;
}

/** Removes from the workshop what this build did not use: stampable images of other spec versions, old patches. */
async function keepUsed(
  { workshop }: Site,
  patched: readonly PatchedVariant[],
  stampables: readonly Stampable[],
): Promise<void> {
  workshop.keepOnly(
    new Set([...patched.map(({ patchPath }) => patchPath), ...stampables.map(({ file }) => file.path)]),
  );
  const identities = new Set(stampables.map(({ record }) => `stampable ${record.identity}`));
  await workshop.ledger.compact((key) => !key.startsWith("stampable ") || identities.has(key));
}
