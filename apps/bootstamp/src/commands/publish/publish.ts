import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  costOf,
  openStore,
  planPrune,
  planRelease,
  prune,
  publishRelease,
  type PlannedObject,
  type PublishProgress,
  type ReleaseRequest,
} from "@bootstamp/publish";
import { loadSpec, type Spec } from "@bootstamp/variants";
import { ProgramError } from "../../program-error.ts";
import { fileStore } from "../../build/patch-store.ts";
import { isSpecName } from "../../is-spec-name.ts";
import type { Reporter } from "../../report/reporter.ts";
import { basesOfBuild, closeAll } from "./bases-of-build.ts";
import { tellPlan, tellPrune, tellPublished, tellServerBases } from "./publish-report.ts";
import type { PublishSite } from "./publish-site.ts";
import { refuseOtherBuild } from "./refuse-other-build.ts";
import { releaseOfBase } from "./release-of-base.ts";
import { readWholeManifest, releaseOfBuild } from "./release-of-build.ts";
import { targetOf, targetOfWords, type PublishTarget, type TargetWords } from "./target.ts";

export interface PublishOptions {
  /** A spec, or an output directory of `build`. */
  readonly input: string;
  /** In place of the spec's output directory. */
  readonly outputDirectory?: string;
  /** In place of the places that the spec names. */
  readonly bucket?: string;
  readonly words: TargetWords;
  readonly dryRun: boolean;
  /** Seconds since 1970 that files are dated with which variants of a base on the server edit. */
  readonly clock?: number;
}

/** Where what is published comes from. */
interface Origin {
  readonly spec: Spec | undefined;
  readonly directory: string;
}

/**
 * Publishes what a build made, or variants of a stampable image that is on the server, to each place that the spec or
 * the command line names. Builds nothing.
 * @throws PublishError, ProgramError, SpecError; of variants of a base on the server what stamping throws too.
 */
export async function publish(
  options: PublishOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { input, dryRun } = options;
  const spec = isSpecName(input) ? await loadSpec(input) : undefined;
  const directory = options.outputDirectory ?? spec?.output.directory ?? input;
  for (const target of targetsOf(options, spec)) {
    const store = await openStore(target.store);
    try {
      await publishTo({ target, store, dryRun, reporter, signal }, { spec, directory }, options.clock);
    } finally {
      store.close();
      reporter.settle();
    }
  }
}

function targetsOf(
  { input, bucket, words }: PublishOptions,
  spec: Spec | undefined,
): readonly PublishTarget[] {
  if (bucket !== undefined) return [targetOfWords(bucket, words)];
  if (spec === undefined)
    throw new ProgramError(
      "USAGE_ARGUMENT",
      `a --bucket is needed to publish ${input}: only a spec can name one`,
    );
  if (spec.publish.length > 0) return spec.publish.map((choice) => targetOf(choice, words));
  throw new ProgramError(
    "USAGE_ARGUMENT",
    `${input} does not say where to publish: add "publish:", or give a --bucket`,
  );
}

async function publishTo(site: PublishSite, origin: Origin, clock: number | undefined): Promise<void> {
  if (site.target.bases.length === 0) return await publishBuild(site, origin);
  if (origin.spec === undefined)
    throw new ProgramError(
      "USAGE_ARGUMENT",
      "--base composes the variants of a spec: name that, not a directory",
    );
  await composeOnServer(site, origin.spec, clock);
}

async function publishBuild(site: PublishSite, { spec, directory }: Origin): Promise<void> {
  const file = readWholeManifest(directory);
  const { manifest } = file;
  if (spec !== undefined) await refuseOtherBuild(spec, directory, manifest, site);
  const started = performance.now();
  const bases = await basesOfBuild(site, directory, manifest);
  try {
    await send(site, await releaseOfBuild(site, directory, file, bases), bases.planned, started);
  } finally {
    closeAll(bases);
  }
}

async function composeOnServer(site: PublishSite, spec: Spec, clock: number | undefined): Promise<void> {
  const { store, reporter } = site;
  const folder = await mkdtemp(join(tmpdir(), "bootstamp-publish-"));
  const started = performance.now();
  try {
    const patches = fileStore((key) => join(folder, key));
    const { request, bases } = await releaseOfBase(site, { spec, clock, patches });
    tellServerBases(reporter, bases, { ...store.counters });
    await send(site, request, [], started);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function send(
  site: PublishSite,
  request: ReleaseRequest,
  planned: readonly PlannedObject[],
  started: number,
): Promise<void> {
  const { store, target, dryRun, reporter, signal } = site;
  if (dryRun) {
    const release = await planRelease(store, request, { signal });
    const objects = [...planned, ...release.objects];
    const before = costOf(planned);
    const { uploadedBytes, copiedBytes, requests } = release;
    tellPlan(reporter, store.name, request.release, objects, {
      uploadedBytes: before.uploadedBytes + uploadedBytes,
      copiedBytes: before.copiedBytes + copiedBytes,
      requests: before.requests + requests,
    });
  } else {
    const onProgress = progressOf(reporter, request.artifacts.length);
    const summary = await publishRelease(store, request, { signal, onProgress });
    const seconds = (performance.now() - started) / 1000;
    tellPublished(reporter, request.release, summary, { ...store.counters }, seconds);
  }
  if (target.keep !== undefined) await pruneReleases(site, target.keep, request.release);
}

/** Counts artifacts, with the shares of those under way. */
function progressOf(reporter: Reporter, total: number): (progress: PublishProgress) => void {
  const shares = new Map<string, number>();
  let done = 0;
  return ({ key, state, length, uploadedBytes, copiedBytes }) => {
    const isDone = state === "done" || state === "present";
    const share = isDone ? 1 : length === 0 ? 0 : (uploadedBytes + copiedBytes) / length;
    done += share - (shares.get(key) ?? 0);
    shares.set(key, share);
    reporter.progress({ task: "publish", done: Math.min(done, total), total, unit: "artifacts" });
  };
}

async function pruneReleases(
  { store, target, dryRun, reporter, signal }: PublishSite,
  keep: number,
  release: string,
): Promise<void> {
  const coming = dryRun && target.isLatest ? { coming: release } : {};
  const plan = await planPrune(store, { keep, signal, ...coming });
  tellPrune(reporter, plan, dryRun);
  if (dryRun) return;
  await prune(store, plan, { signal });
  if (plan.removed.length > 0)
    reporter.tell({ event: "pruned", removed: plan.removed.map(({ release: name }) => name) }, []);
}
