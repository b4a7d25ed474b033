import type { Span } from "@bootstamp/part-plan";
import type { NewObject } from "./new-object.ts";
import { planObject, type ObjectPlan } from "./object-plan.ts";
import type { PinnedObject } from "./pinned-object.ts";
import type { RunOptions } from "./progress.ts";
import { publishObject, type PublishedObject } from "./publish-object.ts";
import type { Store } from "./store.ts";

/** An artifact, and what it shares with an object that is on the server. */
export interface ArtifactRequest extends NewObject {
  /** Absent where nothing is to be copied. On the same server as the store. */
  readonly base?: PinnedObject;
  /** What the artifact consists of; `shared` spans are bytes of `base`. One fresh span by default. */
  readonly spans?: readonly Span[];
}

/** What `publishArtifact` would do if the artifact is not there. `RangeError` for spans that make no sense. */
export function planArtifact({ settings }: Pick<Store, "settings">, request: ArtifactRequest): ObjectPlan {
  const { source, base, spans = [{ kind: "fresh", length: source.length }] } = request;
  const length = spans.reduce((sum, span) => sum + span.length, 0);
  if (length !== source.length)
    throw new RangeError(`spans of ${length} bytes for an artifact of ${source.length}`);
  const known =
    base === undefined ? spans.map((span): Span => ({ kind: "fresh", length: span.length })) : spans;
  const isTagged = request.settings?.tags !== undefined;
  return planObject(known, settings, { base, isTagged });
}

/**
 * Composes an artifact on the server of what it shares with the base and what is uploaded, unless it is there.
 *
 * An object of other bytes stays, unless `overwrite` is set. Where anything fails, or the signal is aborted, the upload
 * is aborted and no object appears. Afterwards length, the server's CRC and the bytes around the seams are compared.
 * @throws PublishError as `publishObject`; PartPlanError `PARTS_OBJECT_TOO_LARGE`.
 */
export async function publishArtifact(
  store: Store,
  request: ArtifactRequest,
  options: RunOptions = {},
): Promise<PublishedObject> {
  const { base, spans: _, ...object } = request;
  return await publishObject(store, { object, plan: planArtifact(store, request), base }, options);
}
