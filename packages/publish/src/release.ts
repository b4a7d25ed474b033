import { mapInOrder } from "@bootstamp/threads";
import { latestObject } from "./latest.ts";
import type { NewObject } from "./new-object.ts";
import type { ObjectSettings } from "./object-settings.ts";
import { costOf, planFate, type PlannedCost, type PlannedObject } from "./planned-object.ts";
import type { RunOptions } from "./progress.ts";
import { planArtifact, publishArtifact, type ArtifactRequest } from "./publish-artifact.ts";
import type { PublishedObject } from "./publish-object.ts";
import { checksumsName, manifestName, releaseKey } from "./release-names.ts";
import { wholeKey, type Store } from "./store.ts";
import { textObject } from "./text-object.ts";
import { abortUpload, listUploads } from "./upload-calls.ts";

export interface ReleaseRequest {
  /** Names the folder of the release; one part of a key. */
  readonly release: string;
  /** Keys are file names inside the release. */
  readonly artifacts: readonly ArtifactRequest[];
  /** Text of manifest.json. */
  readonly manifest: string;
  /** Text of SHA256SUMS. */
  readonly checksums?: string;
  /** Whether latest.json is to name this release. True by default. */
  readonly isLatest?: boolean;
  /** Of the texts; their content types are known. */
  readonly settings?: Omit<ObjectSettings, "contentType" | "contentDisposition">;
  /** Whether texts of other content may be replaced. */
  readonly overwrite?: boolean;
  /** Artifacts at the same time. 4 by default. */
  readonly parallel?: number;
}

export interface ReleaseSummary {
  /** In the order in which they were to be published: artifacts, SHA256SUMS, manifest.json, latest.json. */
  readonly objects: readonly PublishedObject[];
  /** Objects that were there already. */
  readonly presentCount: number;
  readonly uploadedBytes: number;
  readonly copiedBytes: number;
  /** Repeated ones too, and all others of the store at the same time. */
  readonly requests: number;
}

/**
 * Publishes the artifacts, some at the same time, then SHA256SUMS, then manifest.json, then latest.json: whoever
 * follows latest.json never sees half a release. When one fails, no further one is begun, and none of the texts.
 *
 * What is there already stays, so a second run does the rest. Uploads to the same keys that an earlier run was killed
 * over are aborted first; so are those of another run that publishes the same artifacts at the same time.
 * @throws PublishError as `publishObject`.
 */
export async function publishRelease(
  store: Store,
  request: ReleaseRequest,
  options: RunOptions = {},
): Promise<ReleaseSummary> {
  const { artifacts, texts } = objectsOf(request);
  const before = store.counters.requests;
  await sweep(store, request.release, artifacts, options.signal);
  const failing = new AbortController();
  const signals = [failing.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const within = { ...options, signal: AbortSignal.any(signals) };
  const publish = async (artifact: ArtifactRequest): Promise<PublishedObject> => {
    try {
      return await publishArtifact(store, artifact, within);
    } catch (error) {
      // The others are to end soon, with this error and not with their own.
      failing.abort(error);
      throw failing.signal.reason;
    }
  };
  const objects: PublishedObject[] = [];
  for await (const object of mapInOrder(artifacts, request.parallel ?? 4, publish)) objects.push(object);
  for (const text of texts) objects.push(await publishArtifact(store, text, options));
  return {
    objects,
    presentCount: objects.filter(({ isNew }) => !isNew).length,
    uploadedBytes: objects.reduce((sum, { uploadedBytes }) => sum + uploadedBytes, 0),
    copiedBytes: objects.reduce((sum, { copiedBytes }) => sum + copiedBytes, 0),
    requests: store.counters.requests - before,
  };
}

export interface ReleasePlan extends PlannedCost {
  readonly objects: readonly PlannedObject[];
}

/** What `publishRelease` would do. Looks at every key, and changes nothing. */
export async function planRelease(
  store: Store,
  request: ReleaseRequest,
  { signal }: RunOptions = {},
): Promise<ReleasePlan> {
  const { artifacts, texts } = objectsOf(request);
  const judge = async (artifact: ArtifactRequest): Promise<PlannedObject> =>
    await planFate(store, artifact, planArtifact(store, artifact), signal);
  const objects: PlannedObject[] = [];
  const all = [...artifacts, ...texts];
  for await (const planned of mapInOrder(all, store.settings.connections, judge)) objects.push(planned);
  const cost = costOf(objects);
  // Uploads that were left behind are looked for.
  return { objects, ...cost, requests: cost.requests + 1 };
}

function objectsOf(request: ReleaseRequest): { artifacts: ArtifactRequest[]; texts: NewObject[] } {
  const { release, settings = {}, overwrite = false, checksums, isLatest = true } = request;
  const artifacts = request.artifacts.map((artifact) => ({
    ...artifact,
    key: releaseKey(release, artifact.key),
  }));
  refuseDoubles([...artifacts.map(({ key }) => key), ...ownKeys(release)]);
  const manifest = textObject(releaseKey(release, manifestName), request.manifest, {
    ...settings,
    contentType: "application/json",
  });
  const texts: NewObject[] = [];
  const plain = { ...settings, contentType: "text/plain; charset=utf-8" };
  if (checksums !== undefined)
    texts.push({ ...textObject(releaseKey(release, checksumsName), checksums, plain), overwrite });
  texts.push({ ...manifest, overwrite });
  if (isLatest) texts.push(latestObject(release, manifest.sha256, settings));
  return { artifacts, texts };
}

function ownKeys(release: string): string[] {
  return [manifestName, checksumsName].map((name) => releaseKey(release, name));
}

function refuseDoubles(keys: readonly string[]): void {
  const double = firstDouble(keys);
  if (double !== undefined) throw new RangeError(`two objects are to have the key ${double}`);
}

/** Aborts uploads to keys of this run, which can only be left from one that was killed. */
async function sweep(
  store: Store,
  release: string,
  artifacts: readonly ArtifactRequest[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const keys = new Set(artifacts.map(({ key }) => wholeKey(store, key)));
  const prefix = wholeKey(store, `${release}/`);
  for await (const upload of listUploads(store, prefix, signal))
    if (keys.has(upload.key)) await abortUpload(store, upload);
}

function firstDouble(keys: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return keys.find((key) => seen.size === seen.add(key).size);
}
