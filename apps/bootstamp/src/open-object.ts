import { fetchedSource } from "@bootstamp/http-source";
import { objectSource, openStore, parseObjectUrl, pinObject } from "@bootstamp/publish";
import { identityOf } from "./build/identity.ts";
import type { Container } from "./open-container.ts";

/**
 * Opens an object of an S3 store, as it is now: where the server is, and credentials, are found as every tool of AWS
 * finds them (AWS_ENDPOINT_URL_S3, AWS_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID ...).
 */
export async function openObject(reference: string, signal: AbortSignal): Promise<Container> {
  const { bucket, key } = parseObjectUrl(reference.replace(/^s3:/i, "s3:"));
  const store = await openStore({ bucket });
  try {
    const pinned = await pinObject(store, key, { signal });
    const { length, etag, versionId } = pinned;
    const closing = new AbortController();
    const ending = AbortSignal.any([closing.signal, signal]);
    // Blocks are kept by the one around it.
    const object = objectSource(store, pinned, { keptLength: 0, signal: ending });
    const fetch = async function* (offset: number, count: number): AsyncGenerator<Uint8Array> {
      yield await object.read(offset, count);
    };
    const close = async (): Promise<void> => {
      closing.abort();
      store.close();
    };
    const identity = identityOf({ length, etag, versionId: versionId ?? null });
    return { name: `s3://${bucket}/${key}`, file: fetchedSource({ length }, fetch, ending), identity, close };
  } catch (error) {
    store.close();
    throw error;
  }
}
