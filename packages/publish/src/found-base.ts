import { quoteText } from "@bootstamp/fault";
import { crc32OfBase64, crc64OfBase64 } from "./checksums.ts";
import { identityOf, writtenCrc64 } from "./new-object.ts";
import type { ObjectPlace } from "./object-calls.ts";
import { factsAt, pinnedOf, type PinnedObject } from "./pinned-object.ts";
import { PublishError } from "./publish-error.ts";
import type { Store } from "./store.ts";

/** An object that variants can be composed of, with what is known of its bytes before any is read. */
export interface FoundBase {
  readonly pinned: PinnedObject;
  /** The identity that it was uploaded with; absent where others put it there. */
  readonly identity: string | undefined;
  /** Of the whole object, as the server says, or as was said when it was uploaded; absent where nobody did. */
  readonly crc64nvme: bigint | undefined;
  /** As the server says. */
  readonly crc32: number | undefined;
}

/** Looks at an object of any bucket of the store's server. @throws PublishError `PUBLISH_NOT_FOUND` and others. */
export async function findBase(store: Store, place: ObjectPlace, signal?: AbortSignal): Promise<FoundBase> {
  const facts = await factsAt(store, place, signal);
  return {
    pinned: pinnedOf(place, facts),
    identity: identityOf(facts),
    crc64nvme: crc64OfBase64(facts.crc64nvme) ?? writtenCrc64(facts),
    crc32: crc32OfBase64(facts.crc32),
  };
}

/** The place that `s3://BUCKET/KEY` names. @throws PublishError `PUBLISH_OPTIONS`. */
export function parseObjectUrl(url: string): ObjectPlace {
  const [, bucket, key] = /^s3:\/\/([\w.:-]{1,255})\/(.+)$/s.exec(url) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  throw new PublishError("PUBLISH_OPTIONS", `expected s3://BUCKET/KEY, got ${quoteText(url.slice(0, 200))}`);
}
