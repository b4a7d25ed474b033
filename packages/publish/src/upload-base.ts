import type { ByteSource } from "@bootstamp/byte-source";
import { s3Rules, type Part } from "@bootstamp/part-plan";
import type { NewObject } from "./new-object.ts";
import { planOf, type ObjectPlan } from "./object-plan.ts";
import type { RunOptions } from "./progress.ts";
import { planFate, type PlannedObject } from "./planned-object.ts";
import { publishObject, type PublishedObject } from "./publish-object.ts";
import type { Store } from "./store.ts";
import type { UploadRecords } from "./upload-records.ts";

export interface BaseOptions extends RunOptions, Omit<NewObject, "key" | "source"> {
  /** Makes it possible to go on with an upload that was interrupted. */
  readonly records?: UploadRecords;
  /** With records: leaves the parts on the server when something fails or the signal is aborted. */
  readonly keepParts?: boolean;
  /** Of a part, in bytes: 8 MiB by default, more where there would be too many. */
  readonly partLength?: number;
}

/**
 * Uploads a file, in parts, some at the same time, unless it is there. Memory is bounded by the store's `bufferLength`.
 * What is returned is pinned by ETag, and by version where the bucket has versions.
 * @throws PublishError as `publishObject`; PartPlanError `PARTS_OBJECT_TOO_LARGE`.
 */
export async function uploadBase(
  store: Store,
  key: string,
  file: ByteSource,
  options: BaseOptions,
): Promise<PublishedObject> {
  const { signal, onProgress, records, keepParts = false, partLength: _, ...about } = options;
  const object: NewObject = { ...about, key, source: file };
  const plan = planBase(store, file.length, partsOf(options));
  const resuming = records === undefined ? undefined : { records, keepParts };
  return await publishObject(
    store,
    { object, plan, resuming },
    {
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    },
  );
}

/** What `uploadBase` would do. Looks at the key, and changes nothing. */
export async function planUpload(
  store: Store,
  key: string,
  file: ByteSource,
  options: BaseOptions,
): Promise<PlannedObject> {
  const plan = planBase(store, file.length, partsOf(options));
  return await planFate(store, { ...options, key, source: file }, plan, options.signal);
}

function partsOf({ partLength, settings }: BaseOptions): { partLength?: number; isTagged: boolean } {
  const isTagged = settings?.tags !== undefined;
  return { ...(partLength === undefined ? {} : { partLength }), isTagged };
}

const mebibyte = 2 ** 20;
const defaultPartLength = 8 * mebibyte;

/** What `uploadBase` would do for a file of `length` bytes that is not there. */
export function planBase(
  { settings }: Pick<Store, "settings">,
  length: number,
  { partLength = defaultPartLength, isTagged = false }: { partLength?: number; isTagged?: boolean } = {},
): ObjectPlan {
  const { leastLength, mostParts } = s3Rules;
  const least = Math.ceil(length / mostParts / mebibyte) * mebibyte;
  const wished = Math.max(leastLength, least, partLength);
  // All of one length, whatever the server demands: an interrupted upload can be gone on with.
  const parts: Part[] = [];
  for (let offset = 0; offset < length; offset += wished)
    parts.push({ kind: "upload", offset, length: Math.min(wished, length - offset) });
  return planOf({ parts, uploadedBytes: length, copiedBytes: 0 }, settings, { isTagged });
}
