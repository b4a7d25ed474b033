// Single requests about whole objects.
import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { bodyChecksums, checksumsOf } from "./checksums.ts";
import { call } from "./call.ts";
import { settingsInput, type ObjectSettings } from "./object-settings.ts";
import type { Store } from "./store.ts";
import { isMissing, isNotImplemented } from "./store-fault.ts";

/** Where an object is: `key` is the whole key. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
  /** In a bucket with versions, which of them. */
  readonly versionId?: string | undefined;
}

export interface ObjectFacts {
  readonly etag: string;
  readonly versionId: string | undefined;
  readonly length: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** CRC-64/NVME or CRC-32 over the whole object, in base64, where the server keeps one. */
  readonly crc64nvme: string | undefined;
  readonly crc32: string | undefined;
}

/** For messages. */
export function nameOf({ bucket, key }: ObjectPlace): string {
  return `s3://${bucket}/${key}`;
}

/** What is known of an object; undefined if there is none. */
export async function headObject(
  store: Store,
  place: ObjectPlace,
  signal?: AbortSignal,
): Promise<ObjectFacts | undefined> {
  const { client, sdk, settings } = store;
  const mode = settings.checksums === "when-supported" ? ({ ChecksumMode: "ENABLED" } as const) : {};
  const command = new sdk.HeadObjectCommand({ ...placeInput(place), ...mode });
  try {
    return factsOf(
      await call(
        store,
        `look at ${nameOf(place)}`,
        signal,
        async (options) => await client.send(command, options),
      ),
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function placeInput({ bucket, key, versionId }: ObjectPlace): {
  Bucket: string;
  Key: string;
  VersionId?: string;
} {
  return { Bucket: bucket, Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
}

function factsOf(output: HeadObjectCommandOutput): ObjectFacts {
  const isWhole = output.ChecksumType !== "COMPOSITE";
  return {
    etag: output.ETag ?? "",
    versionId: realVersion(output.VersionId),
    length: output.ContentLength ?? 0,
    metadata: output.Metadata ?? {},
    crc64nvme: isWhole ? output.ChecksumCRC64NVME : undefined,
    crc32: isWhole ? output.ChecksumCRC32 : undefined,
  };
}

/** Objects from before a bucket had versions have one that is called null, which is overwritten. */
export function realVersion(versionId: string | undefined): string | undefined {
  return versionId === "null" || versionId === "" ? undefined : versionId;
}

export interface NewContent {
  readonly bytes: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
  readonly settings: ObjectSettings | undefined;
  /** Whether what is there may be replaced. */
  readonly replace: boolean;
}

/** Writes an object by one request. @throws PublishError as `isConditionRefused` where there is one that must stay. */
export async function putObject(
  store: Store,
  place: ObjectPlace,
  content: NewContent,
  signal?: AbortSignal,
): Promise<void> {
  const { client, sdk } = store;
  const { bytes, metadata, settings, replace } = content;
  const input = {
    ...placeInput(place),
    ...settingsInput(settings),
    ...bodyChecksums(store, bytes, await checksumsOf(bytes)),
    Metadata: metadata,
    Body: bytes,
  };
  const put = async (condition: { IfNoneMatch?: string }): Promise<unknown> =>
    await call(store, `write ${nameOf(place)}`, signal, async (options) => {
      return await client.send(new sdk.PutObjectCommand({ ...input, ...condition }), options);
    });
  try {
    await put(replace ? {} : { IfNoneMatch: "*" });
  } catch (error) {
    // Some servers refuse the condition itself. That there is no such object was looked up before.
    if (replace || !isNotImplemented(error)) throw error;
    await put({});
  }
}

/** Removes an object, or one version of it. */
export async function deleteObject(store: Store, place: ObjectPlace, signal?: AbortSignal): Promise<void> {
  const { client, sdk } = store;
  await call(store, `delete ${nameOf(place)}`, signal, async (options) => {
    return await client.send(new sdk.DeleteObjectCommand(placeInput(place)), options);
  });
}

/** Gives an object its tags. */
export async function tagObject(
  store: Store,
  place: ObjectPlace,
  tags: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  const { client, sdk } = store;
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const command = new sdk.PutObjectTaggingCommand({ ...placeInput(place), Tagging: { TagSet } });
  await call(store, `tag ${nameOf(place)}`, signal, async (options) => await client.send(command, options));
}

export interface ListedObject {
  /** The whole key. */
  readonly key: string;
  readonly length: number;
  readonly modified: Date;
}

/** Lists the objects whose whole keys begin with `prefix`, a page of up to 1000 at a time. */
export async function* listObjects(
  store: Store,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ListedObject> {
  const { client, sdk, settings } = store;
  let token: string | undefined;
  do {
    const command = new sdk.ListObjectsV2Command({
      Bucket: settings.bucket,
      Prefix: prefix,
      ...(token === undefined ? {} : { ContinuationToken: token }),
    });
    const what = `list s3://${settings.bucket}/${prefix}`;
    const page = await call(store, what, signal, async (options) => await client.send(command, options));
    for (const { Key, Size = 0, LastModified = new Date(0) } of page.Contents ?? [])
      if (Key !== undefined) yield { key: Key, length: Size, modified: LastModified };
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}
