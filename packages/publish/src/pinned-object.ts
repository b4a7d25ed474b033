import { headObject, nameOf, type ObjectFacts, type ObjectPlace } from "./object-calls.ts";
import { PublishError } from "./publish-error.ts";
import { wholeKey, type Store } from "./store.ts";

/** An object as it was at one time: its bytes are known by the version, or by the ETag. */
export interface PinnedObject extends ObjectPlace {
  readonly etag: string;
  readonly length: number;
}

/**
 * Pins an object below the store's prefix as it is now, or as it was if `etag` or `versionId` says so.
 * @throws PublishError `PUBLISH_NOT_FOUND`, `PUBLISH_BASE_CHANGED`, and those of every request.
 */
export async function pinObject(
  store: Store,
  key: string,
  wanted: { readonly etag?: string; readonly versionId?: string; readonly signal?: AbortSignal } = {},
): Promise<PinnedObject> {
  const place = { bucket: store.settings.bucket, key: wholeKey(store, key), versionId: wanted.versionId };
  const facts = await factsAt(store, place, wanted.signal);
  const pinned = pinnedOf(place, facts);
  if (wanted.etag !== undefined && bareEtag(wanted.etag) !== bareEtag(facts.etag))
    throw changed({ ...pinned, etag: wanted.etag }, facts.etag);
  return pinned;
}

/** What is known of an object. @throws PublishError `PUBLISH_NOT_FOUND`. */
export async function factsAt(
  store: Store,
  place: ObjectPlace,
  signal: AbortSignal | undefined,
): Promise<ObjectFacts> {
  const facts = await headObject(store, place, signal);
  if (facts !== undefined) return facts;
  throw new PublishError("PUBLISH_NOT_FOUND", `there is no ${nameOf(place)}`, { key: place.key });
}

export function pinnedOf({ bucket, key }: ObjectPlace, facts: ObjectFacts): PinnedObject {
  return { bucket, key, etag: facts.etag, versionId: facts.versionId, length: facts.length };
}

/** Looks whether a pinned object still is what it was. @throws PublishError `PUBLISH_BASE_CHANGED`. */
export async function checkPinned(store: Store, pinned: PinnedObject, signal?: AbortSignal): Promise<void> {
  const facts = await headObject(store, pinned, signal);
  if (facts === undefined) throw changed(pinned, "gone");
  if (bareEtag(facts.etag) !== bareEtag(pinned.etag) || facts.length !== pinned.length)
    throw changed(pinned, facts.etag);
}

export function changed(pinned: PinnedObject, actual: string): PublishError {
  return new PublishError(
    "PUBLISH_BASE_CHANGED",
    `${nameOf(pinned)} was replaced while it was in use: expected ETag ${bareEtag(pinned.etag)}, got ${bareEtag(actual)}`,
    { key: pinned.key, expected: bareEtag(pinned.etag), actual: bareEtag(actual) },
  );
}

/** Some servers put it into quotation marks, some not. */
export function bareEtag(etag: string): string {
  return etag.replaceAll('"', "");
}
