import { checkRange, type ByteSource } from "@bootstamp/byte-source";
import { BlockFetcher, type BlockSizes, type FetchRange } from "./block-fetcher.ts";
import { ReadAhead } from "./read-ahead.ts";

/** A source whose bytes come from afar. */
export interface FetchedSource extends ByteSource {
  /** As in every source; with a signal, the wait ends when it is aborted, and what nobody else wants is not fetched. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** The bytes that are fetched. */
export interface FarBytes {
  readonly length: number;
  readonly sizes?: BlockSizes;
  /** The first block, or all where that is less, if it is here already. */
  readonly first?: Uint8Array;
}

/** How much is fetched and kept where nobody says otherwise. */
export const defaultSizes: BlockSizes = {
  blockLength: 256 << 10,
  requestLength: 8 << 20,
  keptLength: 48 << 20,
  parallel: 4,
};

/**
 * Shows bytes that `fetch` gets from afar as a source: in blocks, neighbours by one request, ahead of readers that go
 * forward; the last blocks are kept. Of what `fetch` gives, nothing is held against anything but its length.
 * @param ending ends everything that is read later, with its reason; what is under way is for `fetch` to end.
 * @throws from reads: what `fetch` throws.
 */
export function fetchedSource(
  { length, sizes = defaultSizes, first = new Uint8Array() }: FarBytes,
  fetch: FetchRange,
  ending: AbortSignal,
): FetchedSource {
  const { blockLength, requestLength, keptLength } = sizes;
  const blocks = new BlockFetcher(length, sizes, fetch);
  if (first.length > 0) blocks.put(0, first);
  const blockCount = Math.ceil(length / blockLength);
  // What is read ahead for four readers must not push itself out.
  const readAhead = new ReadAhead(
    Math.max(1, Math.floor(Math.min(requestLength, keptLength / 6) / blockLength)),
  );
  const copyBlock = async (index: number, offset: number, target: Uint8Array, signal?: AbortSignal) => {
    const block = await blocks.get(index, signal);
    const at = index * blockLength - offset;
    target.set(block.subarray(Math.max(0, -at), target.length - at), Math.max(0, at));
  };
  return {
    length,
    read: async (offset, count, signal) => {
      checkRange(length, offset, count);
      ending.throwIfAborted();
      signal?.throwIfAborted();
      const target = new Uint8Array(count);
      if (count === 0) return target;
      const from = Math.floor(offset / blockLength);
      const to = Math.ceil((offset + count) / blockLength);
      const indices = Array.from({ length: to - from }, (_, index) => from + index);
      const copies = indices.map(async (index) => await copyBlock(index, offset, target, signal));
      const ahead = readAhead.note({ from, to });
      for (let index = ahead?.from ?? 0; index < Math.min(ahead?.to ?? 0, blockCount); index++)
        blocks.prefetch(index);
      await Promise.all(copies);
      return target;
    },
  };
}
