import { mapInOrder } from "@bootstamp/threads";
import { base64OfCrc64 } from "./checksums.ts";
import type { NewObject } from "./new-object.ts";
import { nameOf, type ObjectFacts } from "./object-calls.ts";
import type { PinnedObject } from "./pinned-object.ts";
import { PublishError } from "./publish-error.ts";
import { readRange } from "./read-range.ts";
import type { Store } from "./store.ts";

/** What is compared on either side of a seam, in bytes. */
const seamLength = 4096;

/** Compares what the server says of an object with what it is to be. @throws PublishError `PUBLISH_DAMAGED`. */
export function checkFacts(pinned: PinnedObject, facts: ObjectFacts, object: NewObject): void {
  const { length } = object.source;
  if (facts.length !== length)
    throw damaged(pinned, Math.min(facts.length, length), `has ${facts.length} bytes, expected ${length}`);
  if (object.crc64nvme === undefined) return;
  const expected = base64OfCrc64(object.crc64nvme);
  if (facts.crc64nvme !== undefined && facts.crc64nvme !== expected)
    throw damaged(pinned, 0, `has the CRC-64/NVME ${facts.crc64nvme}, expected ${expected}`);
}

/** Reads an object back around its seams. @throws PublishError `PUBLISH_DAMAGED`, `PUBLISH_BASE_CHANGED`. */
export async function checkSeams(
  store: Store,
  pinned: PinnedObject,
  object: NewObject,
  seams: readonly number[],
  signal?: AbortSignal,
): Promise<void> {
  const check = async (seam: number): Promise<void> => {
    const offset = Math.max(0, seam - seamLength);
    const length = Math.min(seam + seamLength, pinned.length) - offset;
    const [got, expected] = await Promise.all([
      readRange(store, pinned, offset, length, signal),
      object.source.read(offset, length),
    ]);
    const different = got.findIndex((byte, index) => byte !== expected[index]);
    if (different >= 0)
      throw damaged(pinned, offset + different, `is wrong from offset ${offset + different}`);
  };
  for await (const _ of mapInOrder(seams, store.settings.connections, check));
}

function damaged(pinned: PinnedObject, offset: number, how: string): PublishError {
  return new PublishError("PUBLISH_DAMAGED", `${nameOf(pinned)} ${how}`, { key: pinned.key, offset });
}
