import { headObject, nameOf } from "./object-calls.ts";
import type { NewObject } from "./new-object.ts";
import type { ObjectSettings } from "./object-settings.ts";
import { pinnedOf } from "./pinned-object.ts";
import { PublishError } from "./publish-error.ts";
import { readRange } from "./read-range.ts";
import { latestName, manifestName, releaseKey } from "./release-names.ts";
import { wholeKey, type Store } from "./store.ts";
import { textObject } from "./text-object.ts";

/** The pointer that readers follow. Keys are below the store's prefix. */
interface Latest {
  readonly latest: 1;
  readonly release: string;
  readonly manifest: string;
  /** Of the manifest, in hex. */
  readonly sha256: string;
}

const longest = 64 << 10;

/** latest.json as it is to be; replaces the one before it, and is not kept by caches unless told otherwise. */
export function latestObject(release: string, manifestSha256: string, settings: ObjectSettings): NewObject {
  const manifest = releaseKey(release, manifestName);
  const latest: Latest = { latest: 1, release, manifest, sha256: manifestSha256 };
  const pointer = textObject(latestName, `${JSON.stringify(latest, undefined, 2)}\n`, {
    cacheControl: "no-cache",
    ...settings,
    contentType: "application/json",
  });
  return { ...pointer, overwrite: true };
}

/** The release that latest.json names; undefined where there is none. @throws PublishError `PUBLISH_LATEST`. */
export async function latestRelease(store: Store, signal?: AbortSignal): Promise<string | undefined> {
  const place = { bucket: store.settings.bucket, key: wholeKey(store, latestName) };
  const facts = await headObject(store, place, signal);
  if (facts === undefined) return undefined;
  if (facts.length > longest) throw unreadable(nameOf(place), `it has ${facts.length} bytes`);
  const bytes = await readRange(store, pinnedOf(place, facts), 0, facts.length, signal);
  const release = parseLatest(new TextDecoder().decode(bytes));
  if (release === undefined) throw unreadable(nameOf(place), "it names no release");
  return release;
}

function parseLatest(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || !("latest" in parsed) || !("release" in parsed))
      return undefined;
    return parsed.latest === 1 && typeof parsed.release === "string" ? parsed.release : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(name: string, why: string): PublishError {
  return new PublishError("PUBLISH_LATEST", `${name} is no pointer of ours: ${why}`);
}
