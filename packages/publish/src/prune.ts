import { mapInOrder } from "@bootstamp/threads";
import { latestRelease } from "./latest.ts";
import { identityOf } from "./new-object.ts";
import { deleteObject, headObject, listObjects, type ListedObject } from "./object-calls.ts";
import type { RunOptions } from "./progress.ts";
import { PublishError } from "./publish-error.ts";
import { basesName, manifestName } from "./release-names.ts";
import { wholeKey, type Store } from "./store.ts";
import { abortUpload, listUploads, type ListedUpload } from "./upload-calls.ts";

export interface ReleaseFound {
  readonly release: string;
  /** When its manifest was written. */
  readonly published: Date;
  /** Whole keys, the manifest's last. */
  readonly keys: readonly string[];
  readonly bytes: number;
  readonly isLatest: boolean;
}

export interface PrunePlan {
  /** Newest first, as the next. */
  readonly kept: readonly ReleaseFound[];
  readonly removed: readonly ReleaseFound[];
  /** Multipart uploads that were begun long ago and never completed. */
  readonly uploads: readonly ListedUpload[];
}

export interface PruneOptions extends RunOptions {
  /** How many releases stay; the one that latest.json names stays in any case. */
  readonly keep: number;
  /** A release that is about to be published, and to be the latest: it counts as there, and as the newest. */
  readonly coming?: string;
  /** Uploads under way that were begun before this time are aborted. A week ago by default. */
  readonly uploadsBefore?: Date;
}

const week = 7 * 24 * 3600 * 1000;

interface Folder {
  readonly release: string;
  readonly manifestKey: string;
  readonly objects: ListedObject[];
}

/**
 * What `prune` would remove. Only folders with a manifest.json of ours count as releases; nothing else is ever removed.
 * @throws PublishError `PUBLISH_LATEST` where latest.json cannot be understood.
 */
export async function planPrune(store: Store, options: PruneOptions): Promise<PrunePlan> {
  const { keep, coming, signal, uploadsBefore = new Date(Date.now() - week) } = options;
  if (!Number.isSafeInteger(keep) || keep < 1) throw new RangeError(`cannot keep ${keep} releases`);
  const latest = coming ?? (await latestRelease(store, signal));
  const found = await releasesIn(store, signal);
  const sorted = found.filter(({ release }) => release !== coming).toSorted(newestFirst);
  const places = coming === undefined ? keep : keep - 1;
  const isKept = (folder: Folder, index: number): boolean => index < places || folder.release === latest;
  const uploads: ListedUpload[] = [];
  for await (const upload of listUploads(store, store.settings.prefix, signal))
    if (upload.begun < uploadsBefore) uploads.push(upload);
  return {
    kept: sorted.filter(isKept).map((folder) => describe(folder, latest)),
    removed: sorted
      .filter((folder, index) => !isKept(folder, index))
      .map((folder) => describe(folder, latest)),
    uploads,
  };
}

/**
 * Removes what a plan says. A run that is stopped half-way leaves releases that a later plan removes.
 * @throws PublishError `PUBLISH_LATEST` where latest.json names a release of the plan by now.
 */
export async function prune(
  store: Store,
  { removed, uploads }: PrunePlan,
  { signal }: RunOptions = {},
): Promise<void> {
  const { bucket, connections } = store.settings;
  const latest = await latestRelease(store, signal);
  if (removed.some(({ release }) => release === latest))
    throw new PublishError(
      "PUBLISH_LATEST",
      `the release ${latest} became the latest since it was to be removed`,
    );
  const remove = async (key: string): Promise<void> => await deleteObject(store, { bucket, key }, signal);
  for (const { keys } of removed) {
    for await (const _ of mapInOrder(keys.slice(0, -1), connections, remove));
    for (const key of keys.slice(-1)) await remove(key);
  }
  for (const upload of uploads) await abortUpload(store, upload);
}

async function releasesIn(store: Store, signal: AbortSignal | undefined): Promise<Folder[]> {
  const { bucket, connections } = store.settings;
  const isOurs = async (folder: Folder): Promise<Folder | undefined> => {
    if (manifestOf(folder) === undefined) return undefined;
    const facts = await headObject(store, { bucket, key: folder.manifestKey }, signal);
    return facts !== undefined && identityOf(facts) !== undefined ? folder : undefined;
  };
  const ours: Folder[] = [];
  for await (const folder of mapInOrder(await foldersIn(store, signal), connections, isOurs))
    if (folder !== undefined) ours.push(folder);
  return ours;
}

async function foldersIn(store: Store, signal: AbortSignal | undefined): Promise<Iterable<Folder>> {
  const { prefix } = store.settings;
  const folders = new Map<string, Folder>();
  for await (const object of listObjects(store, prefix, signal)) {
    const slash = object.key.indexOf("/", prefix.length);
    if (slash < 0) continue;
    const release = object.key.slice(prefix.length, slash);
    // With the bases would go what later variants are composed of.
    if (release === basesName) continue;
    const manifestKey = wholeKey(store, `${release}/${manifestName}`);
    const folder = folders.get(release) ?? { release, manifestKey, objects: [] };
    folder.objects.push(object);
    folders.set(release, folder);
  }
  return folders.values();
}

function manifestOf({ manifestKey, objects }: Folder): ListedObject | undefined {
  return objects.find(({ key }) => key === manifestKey);
}

/** Later ones first; of one time, as the clocks of servers may be coarse, the one whose name is behind. */
function newestFirst(a: Folder, b: Folder): number {
  const later = publishedOf(b) - publishedOf(a);
  if (later !== 0) return later;
  return a.release < b.release ? 1 : -1;
}

function publishedOf(folder: Folder): number {
  return manifestOf(folder)?.modified.getTime() ?? 0;
}

function describe(folder: Folder, latest: string | undefined): ReleaseFound {
  const { release, objects, manifestKey } = folder;
  // The manifest goes last: without it, nobody would know that the rest is ours.
  const others = objects.map(({ key }) => key).filter((key) => key !== manifestKey);
  return {
    release,
    published: new Date(publishedOf(folder)),
    keys: [...others, manifestKey],
    bytes: objects.reduce((sum, { length }) => sum + length, 0),
    isLatest: release === latest,
  };
}
