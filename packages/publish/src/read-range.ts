import { call, withTries } from "./call.ts";
import { bareEtag, changed, type PinnedObject } from "./pinned-object.ts";
import { nameOf, placeInput } from "./object-calls.ts";
import { PublishError } from "./publish-error.ts";
import type { Store } from "./store.ts";
import { isConditionRefused, isMissing, storeFault } from "./store-fault.ts";

/**
 * Reads bytes of a pinned object, again where the connection breaks. The caller owns the array.
 * @throws PublishError `PUBLISH_BASE_CHANGED` where the object is another by now, and those of every request.
 */
export async function readRange(
  store: Store,
  pinned: PinnedObject,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array();
  try {
    return await withTries(store, signal, async () => await readOnce(store, pinned, offset, length, signal));
  } catch (error) {
    if (isConditionRefused(error)) throw changed(pinned, "another");
    if (isMissing(error)) throw changed(pinned, "gone");
    throw error;
  }
}

async function readOnce(
  store: Store,
  pinned: PinnedObject,
  offset: number,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { client, sdk } = store;
  const what = `read ${length} bytes at offset ${offset} of ${nameOf(pinned)}`;
  const range = `bytes=${offset}-${offset + length - 1}`;
  const command = new sdk.GetObjectCommand({ ...placeInput(pinned), Range: range, IfMatch: pinned.etag });
  return await call(store, what, signal, async (options) => {
    const { Body, ContentRange, ContentLength, ETag } = await client.send(command, options);
    if (Body === undefined) throw badAnswer(what, "no body");
    if (ETag !== undefined && bareEtag(ETag) !== bareEtag(pinned.etag)) throw changed(pinned, ETag);
    const expected = `bytes ${offset}-${offset + length - 1}/${pinned.length}`;
    const isWhole = offset === 0 && length === pinned.length && ContentRange === undefined;
    if (ContentRange !== expected && !isWhole) throw badAnswer(what, `the range ${ContentRange}`);
    if (ContentLength !== undefined && ContentLength !== length)
      throw badAnswer(what, `${ContentLength} bytes`);
    return await collect(store, Body, length, what);
  });
}

async function collect(store: Store, body: object, length: number, what: string): Promise<Uint8Array> {
  // The SDK says that it is one of several kinds of stream; in Node it always is this one.
  if (!isIterable(body)) throw new Error("internal error: a body that cannot be read");
  const target = new Uint8Array(length);
  let done = 0;
  try {
    for await (const chunk of body) {
      store.noteFetched(chunk.length);
      if (chunk.length > length - done) throw badAnswer(what, `more than ${length} bytes`);
      target.set(chunk, done);
      done += chunk.length;
    }
  } catch (error) {
    throw storeFault(error, what);
  }
  if (done !== length) throw badAnswer(what, `${done} bytes`);
  return target;
}

function isIterable(body: object): body is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in body;
}

function badAnswer(what: string, got: string): PublishError {
  return new PublishError("PUBLISH_BAD_ANSWER", `cannot ${what}: the server answers with ${got}`);
}
