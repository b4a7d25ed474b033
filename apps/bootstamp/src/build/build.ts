import { basename, join, resolve } from "node:path";
import { openDigester, type Digester } from "@bootstamp/stamp";
import type { StampBase } from "@bootstamp/stamp-file";
import type { StampsChoice, VariantPlan } from "@bootstamp/variants";
import { isInterrupt } from "../report/fault-report.ts";
import type { Reporter } from "../report/reporter.ts";
import { generator } from "../version.ts";
import { baseCrc32 } from "./base-crc.ts";
import { baseDigest } from "./base-digest.ts";
import * as tell from "./build-report.ts";
import { listedFiles, type Manifest, type StampableRecord } from "./manifest.ts";
import { openPreparedBases, type PreparedBases } from "./prepared-bases.ts";
import { pressBase, type Stampable } from "./press-base.ts";
import { openWorkingBase, type WorkingBase } from "./raw-base.ts";
import { openRecords, type PublishedRecords } from "./published-records.ts";
import { releaseIdentity } from "./release-identity.ts";
import { placeOf } from "./render-patches.ts";
import { selectPlans, type Selection } from "./selection.ts";
import { stampVariants, type StampedArtifact } from "./stamp-variants.ts";
import { findStrays, tidy } from "./tidy.ts";
import { baseChoiceOf, readOrder, survey, type Job, type Order, type Survey } from "./survey.ts";
import { makeStamps, type MadeStamp } from "./make-stamps.ts";
import { putStampBase, stampBaseName } from "./stamp-base.ts";
import { openWorkshop, type Workshop } from "./workshop.ts";

export interface BuildOptions {
  readonly specPath: string;
  /** In place of the spec's output directory. */
  readonly outputDirectory?: string;
  /** In place of what the spec says of stamps. */
  readonly stamps?: StampsChoice;
  /** Seconds since 1970 that edited files are dated with; absent: what the file system itself says. */
  readonly clock?: number;
  /** The variants to stamp; absent: all. What is stored is what all of them change in any case. */
  readonly selection?: Selection;
  /** Where `prepare` put stampable images of this spec, so that they need not be made again. */
  readonly basesDirectory?: string;
}

/** Everything that a build's steps share. */
interface Site extends Job<WorkingBase> {
  readonly selected: readonly VariantPlan[];
  readonly prepared: PreparedBases | undefined;
  readonly clock: number | undefined;
  readonly workshop: Workshop;
  readonly records: PublishedRecords;
  readonly digester: Digester;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/**
 * Makes every artifact of a spec, or those of the selected variants, that is not there yet, then SHA256SUMS and
 * manifest.json. An artifact has the same bytes whatever else is selected.
 *
 * A second run over the same inputs does nothing; after a kill the next run goes on where the last one was.
 * @throws SpecError, LayoutError, BootfsError, MapError, SourceError, WholeFileError, StampError, ProgramError.
 */
export async function build(options: BuildOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const order = await readOrder(options.specPath, options.stamps);
  const directory = resolve(options.outputDirectory ?? order.spec.output.directory);
  const digester = openDigester();
  try {
    const selected = selectPlans(order.plans, options.selection);
    const workshop = await openWorkshop(directory);
    await withWorkshop(workshop, async () => {
      const records = openRecords(workshop);
      const choice = baseChoiceOf(order.spec);
      const outputs = outputPaths(order, directory);
      const base = await openWorkingBase(choice, outputs, workshop, { reporter, signal });
      try {
        const { clock, basesDirectory } = options;
        const prepared =
          basesDirectory === undefined ? undefined : openPreparedBases(basesDirectory, digester, signal);
        const tools = { workshop, records, digester, reporter, signal };
        await buildOn({ ...order, base, ...tools, selected, clock, prepared }, started);
      } finally {
        await base.close();
      }
    });
  } finally {
    await digester.close();
    reporter.settle();
  }
}

async function withWorkshop(workshop: Workshop, work: () => Promise<void>): Promise<void> {
  let failed = true;
  try {
    await work();
    failed = false;
  } catch (error) {
    // What was done before an interruption is of use to the next run.
    failed = !isInterrupt(error);
    throw error;
  } finally {
    workshop.close(failed);
  }
}

function outputPaths({ spec, plans, formats }: Order, directory: string): string[] {
  const artifacts = plans.flatMap(({ outputs }) => [...outputs.values()]);
  const stamps = plans.map(({ stampOutput }) => stampOutput);
  const bases = formats.map(({ format }) => stampBaseName(spec.base.image, format.extension));
  const byChoice = { false: artifacts, true: [...artifacts, ...stamps], only: [...bases, ...stamps] };
  return byChoice[`${spec.output.stamps}`].map((name) => join(directory, name));
}

async function buildOn(site: Site, started: number): Promise<void> {
  const { base, workshop, reporter, signal } = site;
  tell.tellBase(reporter, base);
  // Beside the edits: neither keeps all cores busy.
  let surveyed: Survey | undefined;
  const digest = digestBase(site, () => surveyed !== undefined);
  // Whether it fails is seen below, unless the edits do.
  digest.catch(() => undefined);
  surveyed = await survey(site, site.clock, workshop.patches, reporter, signal);
  tell.tellPatches(reporter, surveyed);
  if (site.selected.length < site.plans.length) tell.tellSelected(reporter, site.selected, site.plans.length);
  const sha256 = await digest;
  const stampables: Stampable[] = [];
  try {
    await pressFormats(site, sha256, surveyed, stampables);
    const { artifacts, stamps } = await stampAll(site, sha256, surveyed, stampables);
    const manifest = await manifestOf(site, sha256, surveyed, stampables, artifacts, stamps);
    const changed = await site.records.publish(manifest);
    const files = listedFiles(manifest).map(({ file }) => file);
    const strays = findStrays(site, files);
    await tidy(site, surveyed, stampables, [...files, ...strays]);
    const seconds = (performance.now() - started) / 1000;
    const made = { artifacts: site.spec.output.stamps === "only" ? [] : artifacts, stamps };
    tell.tellDone(reporter, made, workshop.outputDirectory, changed, seconds);
    tell.tellStrays(reporter, strays, workshop.outputDirectory);
  } finally {
    for (const { file } of stampables) file.close();
  }
}

/** The SHA-256 of the raw base. Its progress is shown where nobody else shows any. */
async function digestBase(
  { spec, base, workshop, digester, reporter, signal }: Site,
  isShown: () => boolean,
): Promise<string> {
  const { file, name } = base;
  const onProgress = (done: number): void => {
    if (isShown()) reporter.progress({ task: "read base", done, total: file.length });
  };
  return await baseDigest(
    { file, name, expected: spec.base.sha256, onProgress, signal },
    workshop.ledger,
    digester,
  );
}

/**
 * Presses the base in every format, if anything is to be stamped. `stampables` is filled as they come: the caller
 * closes them, failure or not.
 */
async function pressFormats(
  { formats, selected, prepared, base, workshop, reporter, signal }: Site,
  baseSha256: string,
  { stored }: Survey,
  stampables: Stampable[],
): Promise<void> {
  if (selected.length === 0) return;
  for (const { format, settings } of formats) {
    const started = performance.now();
    const shared = prepared === undefined ? {} : { prepared };
    const choice = { base, baseSha256, stored, format, settings, ...shared };
    const stampable = await pressBase(choice, workshop, (report) => reporter.progress(report), signal);
    stampables.push(stampable);
    if (prepared !== undefined && !stampable.reused) tell.tellUnprepared(reporter, format.name);
    tell.tellPressed(reporter, stampable, base.file.length, (performance.now() - started) / 1000);
  }
}

async function identify(
  { base, workshop, signal }: Site,
  stampables: readonly Stampable[],
  rawSha256: string,
): Promise<StampBase> {
  const { file } = base;
  const rawCrc32 = await baseCrc32(file, stampables, workshop.ledger, signal);
  return { rawLength: file.length, rawCrc32, rawSha256 };
}

/** Makes everything that the spec asks for; of a share without variants, nothing, and the base is not read for it. */
async function stampAll(
  site: Site,
  sha256: string,
  surveyed: Survey,
  stampables: readonly Stampable[],
): Promise<{ readonly artifacts: readonly StampedArtifact[]; readonly stamps: readonly MadeStamp[] }> {
  if (stampables.length === 0) return { artifacts: [], stamps: [] };
  const identity = await identify(site, stampables, sha256);
  const artifacts = await stampArtifacts(site, identity, surveyed, stampables);
  return { artifacts, stamps: await stampFiles(site, identity, surveyed, stampables, artifacts) };
}

async function stampArtifacts(
  site: Site,
  identity: StampBase,
  { patched }: Survey,
  stampables: readonly Stampable[],
): Promise<StampedArtifact[]> {
  const { spec, base, reporter } = site;
  const selected = new Set(site.selected);
  const chosen = patched.filter(({ plan }) => selected.has(plan));
  const jobs = chosen.flatMap((variant) => stampables.map((stampable) => ({ variant, stampable })));
  const artifacts: StampedArtifact[] = [];
  const context = {
    ...site,
    base: base.file,
    identity,
    place: placeOf(base, site.clock),
    digests: spec.output.digests,
    bmap: spec.output.bmap,
    stamps: spec.output.stamps,
    onProgress: (done: number) => tell.tellStamping(reporter, done, jobs.length),
  };
  for await (const artifact of stampVariants(jobs, context)) {
    artifacts.push(artifact);
    tell.tellStamped(reporter, artifact, artifacts.length, jobs.length);
  }
  base.file.assertUnchanged();
  return artifacts;
}

/** Makes the stamps that the spec asks for, when all that is to be in them is known. */
async function stampFiles(
  site: Site,
  identity: StampBase,
  { patched }: Survey,
  stampables: readonly Stampable[],
  artifacts: readonly StampedArtifact[],
): Promise<MadeStamp[]> {
  const { stamps: choice } = site.spec.output;
  if (choice === false) return [];
  const { file: base } = site.base;
  const byVariant = Map.groupBy(artifacts, ({ record }) => record.variant);
  const orders = patched.flatMap((variant) => {
    const own = byVariant.get(variant.plan.name);
    return own === undefined ? [] : [{ variant, artifacts: own.map(({ record }) => record) }];
  });
  const context = { ...site, base, identity, stampables, stamps: choice };
  const made: MadeStamp[] = [];
  for await (const stamp of makeStamps(orders, context)) {
    made.push(stamp);
    tell.tellStampFile(site.reporter, stamp, made.length, orders.length);
  }
  base.assertUnchanged();
  return made;
}

async function manifestOf(
  site: Site,
  sha256: string,
  surveyed: Survey,
  stampables: readonly Stampable[],
  artifacts: readonly StampedArtifact[],
  stamps: readonly MadeStamp[],
): Promise<Manifest> {
  const { base, spec, plans, selected, clock } = site;
  const { number, offset, length } = base.region;
  const release = releaseIdentity(site, clock, sha256, surveyed);
  const shard = { release, variants: plans.map(({ name }) => name) };
  const isOnly = spec.output.stamps === "only";
  const records: StampableRecord[] = [];
  for (const stampable of stampables) {
    records.push(isOnly ? await putStampBase(spec.base.image, stampable, site) : stampable.record);
  }
  return {
    manifest: 1,
    generator,
    ...(selected.length === plans.length ? {} : { shard }),
    base: {
      image: basename(base.name),
      length: base.file.length,
      sha256,
      region: { number, offset, length },
    },
    stampables: records,
    artifacts: isOnly ? [] : artifacts.map(({ record }) => record),
    ...(spec.output.stamps === false ? {} : { stamps: stamps.map(({ record }) => record) }),
  };
}
