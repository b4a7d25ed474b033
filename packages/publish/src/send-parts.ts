import { crc64nvme } from "@bootstamp/crc";
import type { Part } from "@bootstamp/part-plan";
import { mapInOrder } from "@bootstamp/threads";
import { withTries } from "./call.ts";
import { base64OfCrc64, checksumsOf, crc64OfBase64, type RunChecksums } from "./checksums.ts";
import type { NewObject } from "./new-object.ts";
import { bareEtag, changed, checkPinned, type PinnedObject } from "./pinned-object.ts";
import { PublishError } from "./publish-error.ts";
import type { Store } from "./store.ts";
import { isConditionRefused, isMissing, isUploadMissing } from "./store-fault.ts";
import { copyPart, uploadPart, type ListedPart, type Upload, type UploadedPart } from "./upload-calls.ts";

/** All that the parts of one object are made of. */
export interface PartsOrder {
  readonly upload: Upload;
  readonly object: NewObject;
  readonly parts: readonly Part[];
  readonly base: PinnedObject | undefined;
  /** Parts that an earlier run sent. */
  readonly present: ReadonlyMap<number, ListedPart>;
  readonly signal: AbortSignal | undefined;
  readonly onPart: (how: "uploaded" | "copied" | "kept", length: number) => void;
}

interface Sent extends UploadedPart {
  readonly length: number;
  /** Of its bytes, where they were seen or the server says. */
  readonly crc: bigint | undefined;
}

/**
 * Sends or copies every part, some at the same time, and returns them in order. When one fails, waits for those under
 * way: what arrives after an upload was aborted may stay on the server.
 * @throws PublishError `PUBLISH_SOURCE_CHANGED` where the bytes do not come to the object's CRC, so far as that is
 * known; `PUBLISH_BASE_CHANGED`.
 */
export async function sendParts(store: Store, order: PartsOrder): Promise<UploadedPart[]> {
  const sent: Sent[] = [];
  const numbered = order.parts.map((part, index) => ({ part, number: index + 1 }));
  const send = async ({ part, number }: { part: Part; number: number }): Promise<Sent> =>
    part.kind === "copy"
      ? await copyOne(store, order, part, number)
      : await sendOne(store, order, part, number);
  for await (const part of mapInOrder(numbered, store.settings.connections, send)) sent.push(part);
  checkWhole(order.object, sent);
  return sent;
}

async function copyOne(
  store: Store,
  { upload, base, signal, onPart }: PartsOrder,
  part: Part & { kind: "copy" },
  number: number,
): Promise<Sent> {
  if (base === undefined) throw new RangeError("a part to copy, and no base to copy it from");
  const { baseOffset: offset, length } = part;
  // Servers are known that copy what there is, and say nothing.
  if (offset + length > base.length)
    throw new RangeError(`a part to copy ends at ${offset + length}, the base at ${base.length}`);
  const range = { offset, length };
  const copy = async (isConditional: boolean): Promise<UploadedPart> =>
    await withTries(
      store,
      signal,
      async () => await copyPart(store, upload, { number, range, isConditional }, base, signal),
    );
  try {
    const copied = await copy(true).catch(async (error: unknown) => {
      if (!isConditionRefused(error)) throw error;
      // Swift refuses the ETag that it gave, where the base was a multipart upload. The base is looked at again when
      // all is copied.
      await checkPinned(store, base, signal);
      return await copy(false);
    });
    onPart("copied", length);
    return { ...copied, length, crc: crc64OfBase64(copied.crc64nvme) };
  } catch (error) {
    if (isMissing(error) && !isUploadMissing(error)) throw changed(base, "gone");
    throw error;
  }
}

async function sendOne(
  store: Store,
  { upload, object, present, signal, onPart }: PartsOrder,
  { offset, length }: Part,
  number: number,
): Promise<Sent> {
  const send = async (): Promise<Sent> => {
    const bytes = await object.source.read(offset, length);
    const known = await checksumsOf(bytes);
    const there = present.get(number);
    const isThere = there !== undefined && isIntact(there, length, known);
    const part = isThere
      ? there
      : await withTries(
          store,
          signal,
          async () => await uploadPart(store, upload, number, bytes, known, signal),
        );
    onPart(isThere ? "kept" : "uploaded", length);
    return { number, etag: part.etag, length, crc: known.crc64nvme };
  };
  return await store.buffers(length, send, signal);
}

function isIntact(there: ListedPart, length: number, { md5, crc64nvme: crc }: RunChecksums): boolean {
  if (there.length !== length) return false;
  return bareEtag(there.etag) === md5 || there.crc64nvme === base64OfCrc64(crc);
}

function checkWhole({ key, crc64nvme: expected }: NewObject, parts: readonly Sent[]): void {
  if (expected === undefined) return;
  let whole = crc64nvme.empty;
  for (const { crc, length } of parts) {
    if (crc === undefined) return;
    whole = crc64nvme.combine(whole, crc, length);
  }
  if (whole === expected) return;
  const [got, wanted] = [whole, expected].map((crc) => crc.toString(16).padStart(16, "0"));
  throw new PublishError(
    "PUBLISH_SOURCE_CHANGED",
    `the bytes sent for ${key} have the CRC-64/NVME ${got}, expected ${wanted}`,
    { key, expected: wanted ?? "", actual: got ?? "" },
  );
}
