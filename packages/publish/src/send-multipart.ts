import { metadataOf, type NewObject } from "./new-object.ts";
import { nameOf, type ObjectPlace } from "./object-calls.ts";
import { checkPinned } from "./pinned-object.ts";
import type { Moved, ObjectOrder, Resuming } from "./object-order.ts";
import { sendParts } from "./send-parts.ts";
import type { Store } from "./store.ts";
import { abortUpload, completeUpload, createUpload, listParts } from "./upload-calls.ts";
import type { ListedPart, Upload } from "./upload-calls.ts";

interface Begun {
  readonly upload: Upload;
  readonly present: ReadonlyMap<number, ListedPart>;
}

/** Makes an object of parts. Where that fails, the upload is aborted when no request is under way any more. */
export async function sendMultipart(
  store: Store,
  place: ObjectPlace,
  { object, plan, base, resuming }: ObjectOrder,
  moved: Moved,
  signal: AbortSignal | undefined,
  tell: () => void,
): Promise<void> {
  const { upload, present } = await begin(store, place, object, resuming, signal);
  try {
    const onPart = (how: keyof Moved, length: number): void => {
      moved[how] += length;
      tell();
    };
    const parts = await sendParts(store, {
      upload,
      object,
      parts: plan.parts,
      base,
      present,
      signal,
      onPart,
    });
    const isCopied = plan.copiedBytes > 0;
    // Not every server heeds that a copy was to be of one version only.
    if (isCopied && base !== undefined && base.versionId === undefined)
      await checkPinned(store, base, signal);
    signal?.throwIfAborted();
    const { overwrite: replace = false, source } = object;
    await completeUpload(store, upload, { parts, whole: object, length: source.length, replace });
  } catch (error) {
    if (resuming?.keepParts === true) throw error;
    const isAborted = await tidy(async () => await abortUpload(store, upload));
    // Else the next run finds it by its record, and goes on with it or aborts it.
    if (isAborted) await tidy(async () => await resuming?.records.set(nameOf(place), undefined));
    throw error;
  }
  await resuming?.records.set(nameOf(place), undefined);
}

async function begin(
  store: Store,
  place: ObjectPlace,
  object: NewObject,
  resuming: Resuming | undefined,
  signal: AbortSignal | undefined,
): Promise<Begun> {
  const record = await resuming?.records.get(nameOf(place));
  const { identity, source, settings } = object;
  if (record !== undefined) {
    const upload = { bucket: place.bucket, key: place.key, uploadId: record.uploadId };
    const present = await listParts(store, upload, signal);
    const isOurs = record.identity === identity && record.length === source.length;
    if (present !== undefined && isOurs) return { upload, present };
    if (present !== undefined) await abortUpload(store, upload);
  }
  const about = { metadata: metadataOf(object), settings };
  const upload = await createUpload(store, place, object, about, signal);
  const { uploadId } = upload;
  await resuming?.records.set(nameOf(place), { uploadId, identity, length: source.length });
  return { upload, present: new Map() };
}

/** Returns whether `work` could be done: what went wrong first is what is told. */
async function tidy(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    // Left to whoever sweeps uploads that were never completed.
    return false;
  }
}
