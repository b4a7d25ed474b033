// Single requests of multipart uploads.
import type { ListMultipartUploadsCommandOutput } from "@aws-sdk/client-s3";
import { bodyChecksums, uploadChecksums, wholeChecksums } from "./checksums.ts";
import type { RunChecksums, WholeChecksums } from "./checksums.ts";
import { call } from "./call.ts";
import { nameOf, placeInput, type ObjectPlace } from "./object-calls.ts";
import { settingsInput, type ObjectSettings } from "./object-settings.ts";
import type { PinnedObject } from "./pinned-object.ts";
import { PublishError } from "./publish-error.ts";
import type { Store } from "./store.ts";
import { isMissing, isNotImplemented } from "./store-fault.ts";

export interface Upload extends ObjectPlace {
  readonly uploadId: string;
}

/** A part that is on the server. */
export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
  /** CRC-64/NVME in base64, where the server says. */
  readonly crc64nvme?: string | undefined;
}

export async function createUpload(
  store: Store,
  place: ObjectPlace,
  whole: WholeChecksums,
  about: {
    readonly metadata: Readonly<Record<string, string>>;
    readonly settings: ObjectSettings | undefined;
  },
  signal?: AbortSignal,
): Promise<Upload> {
  const { client, sdk } = store;
  const command = new sdk.CreateMultipartUploadCommand({
    ...placeInput(place),
    ...settingsInput(about.settings),
    ...uploadChecksums(store, whole),
    Metadata: about.metadata,
  });
  const what = `begin ${nameOf(place)}`;
  const { UploadId } = await call(
    store,
    what,
    signal,
    async (options) => await client.send(command, options),
  );
  if (UploadId === undefined) throw noAnswer(what, "id of the upload");
  return { bucket: place.bucket, key: place.key, uploadId: UploadId };
}

/** Sends a part. A part of the same number is replaced. */
export async function uploadPart(
  store: Store,
  upload: Upload,
  number: number,
  bytes: Uint8Array,
  known: RunChecksums,
  signal?: AbortSignal,
): Promise<UploadedPart> {
  const { client, sdk } = store;
  const command = new sdk.UploadPartCommand({
    ...uploadInput(upload),
    ...bodyChecksums(store, bytes, known),
    PartNumber: number,
    Body: bytes,
  });
  const what = `send part ${number} of ${nameOf(upload)}`;
  const { ETag } = await call(store, what, signal, async (options) => await client.send(command, options));
  if (ETag === undefined) throw noAnswer(what, "ETag");
  return { number, etag: ETag };
}

export interface CopyOrder {
  readonly number: number;
  readonly range: { readonly offset: number; readonly length: number };
  /** Whether the server is told of which version the bytes have to be. */
  readonly isConditional: boolean;
}

/** Makes a part of bytes of a pinned object. The server may ignore that it is pinned. */
export async function copyPart(
  store: Store,
  upload: Upload,
  { number, range: { offset, length }, isConditional }: CopyOrder,
  from: PinnedObject,
  signal?: AbortSignal,
): Promise<UploadedPart> {
  const { client, sdk } = store;
  const command = new sdk.UploadPartCopyCommand({
    ...uploadInput(upload),
    PartNumber: number,
    CopySource: copySource(from),
    CopySourceRange: `bytes=${offset}-${offset + length - 1}`,
    ...(isConditional ? { CopySourceIfMatch: from.etag } : {}),
  });
  const what = `copy part ${number} of ${nameOf(upload)} from ${nameOf(from)}`;
  const output = await call(store, what, signal, async (options) => await client.send(command, options));
  const { ETag, ChecksumCRC64NVME } = output.CopyPartResult ?? {};
  if (ETag === undefined) throw noAnswer(what, "ETag");
  return { number, etag: ETag, crc64nvme: ChecksumCRC64NVME };
}

function copySource({ bucket, key, versionId }: PinnedObject): string {
  const path = `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
  return versionId === undefined ? path : `${path}?versionId=${encodeURIComponent(versionId)}`;
}

export interface Completion {
  readonly parts: readonly UploadedPart[];
  readonly whole: WholeChecksums;
  readonly length: number;
  readonly replace: boolean;
}

/** Makes the object of its parts. Not to be aborted: nobody would know whether it exists. */
export async function completeUpload(
  store: Store,
  upload: Upload,
  { parts, whole, length, replace }: Completion,
): Promise<void> {
  const { client, sdk } = store;
  const input = {
    ...uploadInput(upload),
    ...wholeChecksums(store, whole),
    MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
  };
  const sized = store.settings.checksums === "when-supported" ? { MpuObjectSize: length } : {};
  const complete = async (condition: { IfNoneMatch?: string }): Promise<unknown> =>
    await call(store, `complete ${nameOf(upload)}`, undefined, async () => {
      return await client.send(new sdk.CompleteMultipartUploadCommand({ ...input, ...sized, ...condition }));
    });
  try {
    await complete(replace ? {} : { IfNoneMatch: "*" });
  } catch (error) {
    if (replace || !isNotImplemented(error)) throw error;
    await complete({});
  }
}

const abortTries = 3;

/** Aborts an upload, if it is still there. Parts that arrive at that time may stay, so it looks again. */
export async function abortUpload(store: Store, upload: Upload): Promise<void> {
  const { client, sdk } = store;
  for (let tried = 1; tried <= abortTries; tried++) {
    try {
      await call(store, `abort ${nameOf(upload)}`, undefined, async () => {
        return await client.send(new sdk.AbortMultipartUploadCommand(uploadInput(upload)));
      });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if ((await listParts(store, upload)) === undefined) return;
  }
}

export interface ListedPart extends UploadedPart {
  readonly length: number;
}

/** The parts that are on the server; undefined if there is no such upload. */
export async function listParts(
  store: Store,
  upload: Upload,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, ListedPart> | undefined> {
  const { client, sdk } = store;
  const parts = new Map<number, ListedPart>();
  let marker: string | undefined;
  try {
    do {
      const after = marker === undefined ? {} : { PartNumberMarker: marker };
      const command = new sdk.ListPartsCommand({ ...uploadInput(upload), ...after });
      const what = `list the parts of ${nameOf(upload)}`;
      const page = await call(store, what, signal, async (options) => await client.send(command, options));
      for (const { PartNumber = 0, ETag = "", Size = 0, ChecksumCRC64NVME } of page.Parts ?? [])
        parts.set(PartNumber, {
          number: PartNumber,
          etag: ETag,
          length: Size,
          crc64nvme: ChecksumCRC64NVME,
        });
      marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return parts;
}

export interface ListedUpload extends Upload {
  readonly begun: Date;
}

/** Multipart uploads under way whose whole keys begin with `prefix`. */
export async function* listUploads(
  store: Store,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ListedUpload> {
  const { bucket } = store.settings;
  let after: UploadMarker | undefined = {};
  while (after !== undefined) {
    const page: ListMultipartUploadsCommandOutput = await listUploadsAfter(store, prefix, after, signal);
    for (const { Key: key, UploadId: uploadId, Initiated: begun = new Date(0) } of page.Uploads ?? [])
      if (key !== undefined && uploadId !== undefined) yield { bucket, key, uploadId, begun };
    after = markerBehind(page);
  }
}

interface UploadMarker {
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
}

async function listUploadsAfter(
  store: Store,
  prefix: string,
  after: UploadMarker,
  signal: AbortSignal | undefined,
): Promise<ListMultipartUploadsCommandOutput> {
  const { client, sdk, settings } = store;
  const input = { Bucket: settings.bucket, Prefix: prefix, ...after };
  const what = `list the uploads under way to s3://${settings.bucket}/${prefix}`;
  return await call(store, what, signal, async (options) => {
    return await client.send(new sdk.ListMultipartUploadsCommand(input), options);
  });
}

function markerBehind(page: ListMultipartUploadsCommandOutput): UploadMarker | undefined {
  const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
  if (IsTruncated !== true || NextKeyMarker === undefined) return undefined;
  return {
    KeyMarker: NextKeyMarker,
    ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
  };
}

function uploadInput({ bucket, key, uploadId }: Upload): { Bucket: string; Key: string; UploadId: string } {
  return { Bucket: bucket, Key: key, UploadId: uploadId };
}

function noAnswer(what: string, missing: string): PublishError {
  return new PublishError("PUBLISH_BAD_ANSWER", `cannot ${what}: the server answers without ${missing}`);
}
