import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import {
  openStore,
  planPrune,
  planRelease,
  prune,
  publishRelease,
  uploadBase,
  type ArtifactRequest,
  type ObjectSettings,
  type PublishProgress,
  type PinnedObject,
  type ReleaseRequest,
  type Store,
  type StoreOptions,
} from "@bootstamp/publish";
import { openDigester } from "@bootstamp/stamp";
import { BuildError } from "../../build/build-error.ts";
import type { ArtifactRecord, Manifest, StampableRecord } from "../../build/manifest.ts";
import { manifestName, readManifest } from "../../build/read-manifest.ts";
import { stampablePathIn } from "../../build/workshop.ts";
import { formatNamed } from "../../formats.ts";
import { countText, durationText, sizeText } from "../../report/quantity.ts";
import type { Reporter } from "../../report/reporter.ts";
import { sharedSpans } from "./shared-spans.ts";

export interface PublishOptions {
  /** An output directory of `build`. */
  readonly directory: string;
  readonly store: StoreOptions;
  /** Default: the start of the SHA-256 of the manifest. */
  readonly release?: string;
  readonly settings: ObjectSettings;
  readonly isLatest: boolean;
  readonly overwrite: boolean;
  readonly dryRun: boolean;
  /** Removes older releases beyond so many. */
  readonly keep?: number;
}

/** Publishes what a build made as objects: each base once, every variant composed on the server. */
export async function publish(
  options: PublishOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const manifest = manifestOf(options.directory);
  const store = await openStore(options.store);
  const opened: FileSource[] = [];
  try {
    const bases = await publishBases(store, manifest, options, opened, reporter, signal);
    const request = requestOf(manifest, options, bases, opened, signal);
    if (options.dryRun) await tellPlan(store, request, reporter, signal);
    else await publishAll(store, request, reporter, signal);
    if (options.keep !== undefined)
      await pruneReleases(store, options.keep, options.dryRun, reporter, signal);
  } finally {
    for (const file of opened) file.close();
    store.close();
    reporter.settle();
  }
}

interface Published {
  readonly file: FileSource;
  readonly pinned: PinnedObject;
}

function manifestOf(directory: string): Manifest {
  const manifest = readManifest(directory);
  if (manifest?.shard !== undefined) {
    const message = `${directory} has some of its release's variants: publish what collect makes of all its parts`;
    throw new BuildError("USAGE_ARGUMENT", message, { directory });
  }
  if (manifest !== undefined) return manifest;
  throw new BuildError("USAGE_ARGUMENT", `${directory} has no ${manifestName}: build first`, { directory });
}

/** By format. A base that the build no longer has is not used: its artifacts are uploaded whole. */
async function publishBases(
  store: Store,
  manifest: Manifest,
  { directory, dryRun, settings }: PublishOptions,
  opened: FileSource[],
  reporter: Reporter,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Published>> {
  const bases = new Map<string, Published>();
  for (const record of manifest.stampables) {
    const { extension } = formatNamed(record.format);
    const path = stampablePathIn(directory, record.identity, extension);
    if (!existsSync(path)) continue;
    const file = FileSource.open(path);
    opened.push(file);
    const key = `bases/${record.identity}${extension}`;
    const pinned = dryRun
      ? { bucket: store.settings.bucket, key, etag: "", versionId: undefined, length: file.length }
      : await publishBase(store, key, file, record, settings, reporter, signal);
    bases.set(record.format, { file, pinned });
  }
  return bases;
}

async function publishBase(
  store: Store,
  key: string,
  file: FileSource,
  { identity, format }: StampableRecord,
  settings: ObjectSettings,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<PinnedObject> {
  const digester = openDigester();
  try {
    const crc64nvme = await digester.crc64nvme({ file, signal });
    const onProgress = ({ uploadedBytes: done }: PublishProgress): void =>
      reporter.progress({ task: `base .${format}`, done, total: file.length });
    return await uploadBase(store, key, file, { identity, crc64nvme, settings, signal, onProgress });
  } finally {
    await digester.close();
  }
}

function requestOf(
  manifest: Manifest,
  { directory, release, settings, isLatest, overwrite }: PublishOptions,
  bases: ReadonlyMap<string, Published>,
  opened: FileSource[],
  signal: AbortSignal,
): ReleaseRequest {
  const text = readFileSync(join(directory, manifestName), "utf8");
  const checksums = join(directory, "SHA256SUMS");
  const artifacts = manifest.artifacts.map((record): ArtifactRequest => {
    const file = FileSource.open(join(directory, record.file));
    opened.push(file);
    const base = bases.get(record.format);
    const shared =
      base === undefined ? {} : { base: base.pinned, spans: sharedSpans(base.file, file, signal) };
    return { ...artifactOf(record, file), settings, overwrite, ...shared };
  });
  return {
    release: release ?? createHash("sha256").update(text).digest("hex").slice(0, 16),
    artifacts,
    manifest: text,
    ...(existsSync(checksums) ? { checksums: readFileSync(checksums, "utf8") } : {}),
    isLatest,
    settings,
    overwrite,
  };
}

function artifactOf(record: ArtifactRecord, source: FileSource): ArtifactRequest {
  const { file: key, identity, sha256 } = record;
  const crc64nvme = Buffer.from(record.crc64nvme, "base64").readBigUInt64BE();
  return { key, source, identity, crc64nvme, ...(sha256 === undefined ? {} : { sha256 }) };
}

async function tellPlan(
  store: Store,
  request: ReleaseRequest,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const plan = await planRelease(store, request, { signal });
  const objects = plan.objects.map(
    ({ key, length, fate, plan: { uploadedBytes, copiedBytes, requests } }) => ({
      key,
      length,
      fate,
      uploadedBytes,
      copiedBytes,
      requests,
    }),
  );
  const { uploadedBytes, copiedBytes, requests } = plan;
  reporter.tell(
    { event: "publish-plan", release: request.release, objects, uploadedBytes, copiedBytes, requests },
    [
      ...objects.map(
        ({ key, fate, uploadedBytes: up, copiedBytes: copied }) =>
          `${fate.padEnd(9)} ${key}: ${sizeText(up)} up, ${sizeText(copied)} copied`,
      ),
      `would send ${sizeText(uploadedBytes)} and copy ${sizeText(copiedBytes)} in ${countText(requests, "request")}, beside the bases`,
    ],
  );
}

async function publishAll(
  store: Store,
  request: ReleaseRequest,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const summary = await publishRelease(store, request, { signal });
  const { objects, presentCount, uploadedBytes, copiedBytes } = summary;
  const { requests, sentBytes } = store.counters;
  const seconds = (performance.now() - started) / 1000;
  const facts = {
    release: request.release,
    presentCount,
    uploadedBytes,
    copiedBytes,
    requests,
    sentBytes,
    seconds,
  };
  reporter.tell({ event: "published", ...facts, objects: objects.map(({ key }) => key) }, [
    `published ${request.release}: ${countText(objects.length, "object")}, ${presentCount} of them there already`,
    `          ${sizeText(uploadedBytes)} up, ${sizeText(copiedBytes)} copied on the server, in ${durationText(seconds)}`,
  ]);
}

async function pruneReleases(
  store: Store,
  keep: number,
  dryRun: boolean,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const plan = await planPrune(store, { keep, signal });
  const removed = plan.removed.map(({ release, bytes }) => ({ release, bytes }));
  if (!dryRun) await prune(store, plan, { signal });
  const verb = dryRun ? "would remove" : "removed";
  reporter.tell(
    { event: "pruned", dryRun, removed, kept: plan.kept.map(({ release }) => release) },
    removed.map(({ release, bytes }) => `${verb} ${release}, ${sizeText(bytes)}`),
  );
}
