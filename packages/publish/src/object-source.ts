import { checkRange, RecentCache, type ByteSource } from "@bootstamp/byte-source";
import type { PinnedObject } from "./pinned-object.ts";
import { readRange } from "./read-range.ts";
import type { Store } from "./store.ts";

export interface ObjectSourceOptions {
  /** The least that is fetched, and the unit that is kept, in bytes. 256 KiB by default. */
  readonly blockLength?: number;
  /** The most that one request fetches. 8 MiB by default. */
  readonly requestLength?: number;
  /** Blocks are kept up to this many bytes in all. 32 MiB by default. */
  readonly keptLength?: number;
  /** Ends everything that is under way, and everything later. */
  readonly signal?: AbortSignal;
}

/**
 * A pinned object, read at random by ranges, in whole blocks, neighbours by one request; the last blocks are kept.
 *
 * Reads throw `PUBLISH_BASE_CHANGED` when the object is replaced; no bytes of two versions ever come together.
 */
export function objectSource(
  store: Store,
  pinned: PinnedObject,
  options: ObjectSourceOptions = {},
): ByteSource {
  const { blockLength = 256 << 10, keptLength = 32 << 20, signal } = options;
  const perRequest = Math.max(1, Math.floor((options.requestLength ?? 8 << 20) / blockLength));
  const blocks = new RecentCache<number, Uint8Array>(keptLength, (block) => block.length);
  const fetchRun = (from: number, to: number): Promise<Uint8Array>[] => {
    const offset = from * blockLength;
    const length = Math.min(to * blockLength, pinned.length) - offset;
    const run = readRange(store, pinned, offset, length, signal);
    return Array.from({ length: to - from }, async (_, index) => {
      const bytes = await run;
      // A copy, so that one block that is kept does not keep its neighbours.
      return bytes.slice(index * blockLength, (index + 1) * blockLength);
    });
  };
  /** Promises of blocks `from` to `to`, all asked for at once. */
  const blocksOf = (from: number, to: number): Promise<Uint8Array>[] => {
    const wanted: Promise<Uint8Array>[] = [];
    for (let index = from; index < to;) {
      let end = index + 1;
      const isKept = blocks.has(index);
      if (!isKept) while (end < to && end - index < perRequest && !blocks.has(end)) end++;
      const fetched = isKept ? [] : fetchRun(index, end);
      for (; index < end; index++) {
        const block = fetched.shift();
        wanted.push(
          blocks.get(
            index,
            async (missing) => await (block ?? fetchRun(missing, missing + 1)[0] ?? nothing()),
          ),
        );
      }
    }
    return wanted;
  };
  return {
    length: pinned.length,
    read: async (offset, length) => {
      checkRange(pinned.length, offset, length);
      signal?.throwIfAborted();
      const target = new Uint8Array(length);
      const first = Math.floor(offset / blockLength);
      const end = length === 0 ? first : Math.ceil((offset + length) / blockLength);
      // So many at a time as one request brings: what is read at once need not fit into what is kept.
      for (let from = first; from < end; from += perRequest) {
        const got = await Promise.all(blocksOf(from, Math.min(from + perRequest, end)));
        for (const [index, block] of got.entries()) {
          const at = (from + index) * blockLength - offset;
          target.set(block.subarray(Math.max(0, -at), target.length - at), Math.max(0, at));
        }
      }
      return target;
    },
  };
}

function nothing(): never {
  throw new Error("internal error: no block");
}
