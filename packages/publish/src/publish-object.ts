// How every object gets to a server: looked for, sent, completed, looked at again, read back around its seams. What
// fails on the way leaves nothing behind.
import { checkFacts, checkSeams } from "./check-object.ts";
import { isSame, metadataOf, type NewObject } from "./new-object.ts";
import {
  deleteObject,
  headObject,
  nameOf,
  putObject,
  tagObject,
  type ObjectFacts,
  type ObjectPlace,
} from "./object-calls.ts";
import type { Moved, ObjectOrder } from "./object-order.ts";
import { pinnedOf, type PinnedObject } from "./pinned-object.ts";
import type { PublishProgress, RunOptions } from "./progress.ts";
import { PublishError } from "./publish-error.ts";
import { wholeKey, type Store } from "./store.ts";
import { isConditionRefused } from "./store-fault.ts";
import { sendMultipart } from "./send-multipart.ts";

/** An object that is on the server. Bytes of this run. */
export interface PublishedObject extends PinnedObject {
  /** Whether this run put it there. */
  readonly isNew: boolean;
  readonly uploadedBytes: number;
  readonly copiedBytes: number;
  /** Bytes of parts that an earlier run had uploaded. */
  readonly keptBytes: number;
}

/**
 * Puts an object where it belongs, unless it is there.
 * @throws PublishError `PUBLISH_EXISTS`, `PUBLISH_DAMAGED`, `PUBLISH_SOURCE_CHANGED`, `PUBLISH_BASE_CHANGED`, and those
 * of every request.
 */
export async function publishObject(
  store: Store,
  order: ObjectOrder,
  { signal, onProgress }: RunOptions,
): Promise<PublishedObject> {
  const { object } = order;
  const place = { bucket: store.settings.bucket, key: wholeKey(store, object.key) };
  const moved: Moved = { uploaded: 0, copied: 0, kept: 0 };
  const tell = (state: PublishProgress["state"]): void =>
    onProgress?.({
      key: place.key,
      state,
      length: object.source.length,
      uploadedBytes: moved.uploaded,
      copiedBytes: moved.copied,
    });
  const there = await headObject(store, place, signal);
  const isNew = there === undefined || !isSame(there, object);
  if (isNew) {
    if (there !== undefined) refuseOther(place, object);
    tell("sending");
    await send(store, place, order, moved, signal, () => tell("sending"));
  }
  tell("checking");
  const pinned = isNew
    ? await check(store, place, order, signal)
    : await checkThere(store, place, there, order, signal);
  tell(isNew ? "done" : "present");
  const { uploaded, copied, kept } = moved;
  return { ...pinned, isNew, uploadedBytes: uploaded, copiedBytes: copied, keptBytes: kept };
}

async function send(
  store: Store,
  place: ObjectPlace,
  order: ObjectOrder,
  moved: Moved,
  signal: AbortSignal | undefined,
  tell: () => void,
): Promise<void> {
  const { object, plan } = order;
  try {
    if (plan.way === "multipart") return await sendMultipart(store, place, order, moved, signal, tell);
    const bytes = await object.source.read(0, object.source.length);
    const { settings, overwrite: replace = false } = object;
    await putObject(store, place, { bytes, metadata: metadataOf(object), settings, replace }, signal);
    moved.uploaded += bytes.length;
    tell();
  } catch (error) {
    // Another run may have been faster. And of an answer that got lost, nobody knows what it said.
    const there = await headObject(store, place).catch(() => undefined);
    if (there !== undefined && isSame(there, object)) return;
    if (isConditionRefused(error)) refuseOther(place, object);
    throw error;
  }
}

function refuseOther(place: ObjectPlace, { overwrite = false, identity }: NewObject): void {
  if (overwrite) return;
  throw new PublishError(
    "PUBLISH_EXISTS",
    `${nameOf(place)} is there already, and is not what is to be published`,
    { key: place.key, identity },
  );
}

/** Looks at a new object, and removes it again where it is wrong: a second run would take it for published. */
async function check(
  store: Store,
  place: ObjectPlace,
  order: ObjectOrder,
  signal: AbortSignal | undefined,
): Promise<PinnedObject> {
  const there = await headObject(store, place, signal);
  if (there === undefined)
    throw new PublishError("PUBLISH_DAMAGED", `${nameOf(place)} is not there after it was published`, {
      key: place.key,
      offset: 0,
    });
  try {
    const { tags } = order.object.settings ?? {};
    if (order.plan.isTaggedAfter && tags !== undefined)
      await tagObject(store, { ...place, versionId: there.versionId }, tags, signal);
    return await checkThere(store, place, there, order, signal);
  } catch (error) {
    const isWrong = error instanceof PublishError && error.code === "PUBLISH_DAMAGED";
    if (isWrong) await deleteObject(store, { ...place, versionId: there.versionId });
    throw error;
  }
}

async function checkThere(
  store: Store,
  place: ObjectPlace,
  there: ObjectFacts,
  { object, plan }: ObjectOrder,
  signal: AbortSignal | undefined,
): Promise<PinnedObject> {
  const pinned = pinnedOf(place, there);
  checkFacts(pinned, there, object);
  await checkSeams(store, pinned, object, plan.seams, signal);
  return pinned;
}
