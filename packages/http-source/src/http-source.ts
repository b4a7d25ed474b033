import { checkRange, type ByteSource } from "@bootstamp/byte-source";
import { BlockFetcher, type BlockSizes } from "./block-fetcher.ts";
import { HttpError } from "./http-error.ts";
import { settingsOf, type HttpSourceOptions } from "./http-options.ts";
import { parseTarget, printable } from "./http-url.ts";
import { ReadAhead } from "./read-ahead.ts";
import { RemoteFile, type PinnedFile } from "./remote-file.ts";
import { Transport, type HttpCounters } from "./transport.ts";

/** A file on a web server, read at random. */
export interface HttpSource extends ByteSource {
  /** Without name, password and query: for messages. */
  readonly name: string;
  /** What the server calls the version that is read; every answer is held against it. */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Goes up while the source is used. */
  readonly counters: HttpCounters;
  /** As in every source; with a signal, the wait ends when it is aborted, and what nobody else wants is not fetched. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Closes all connections. What is under way fails with `HTTP_CLOSED`. */
  close(): void;
}

/**
 * Opens a file on a web server, which must answer ranges, and fetches its first block.
 *
 * Fetches in blocks, neighbours by one request, ahead of readers that go forward; keeps up to 48 MiB of blocks, and
 * while it fetches has as much again as `connections` requests bring. A name and password in the URL go to that host
 * alone, and into no message. Failures that may pass are tried again. Close it.
 * @throws HttpError every code but `HTTP_CLOSED`; `HTTP_NO_RANGES` where the file can be read only as a whole, by
 * `openHttpStream`.
 */
export async function openHttpSource(url: string, options: HttpSourceOptions = {}): Promise<HttpSource> {
  const settings = settingsOf(options);
  const sizes = sizesOf(options, settings.connections);
  const target = parseTarget(url, settings.authorization);
  const transport = new Transport(settings);
  const closing = new AbortController();
  const ending = AbortSignal.any([
    closing.signal,
    ...(settings.signal === undefined ? [] : [settings.signal]),
  ]);
  const file = new RemoteFile(transport, target);
  const name = printable(target.url);
  const close = (): void => {
    closing.abort(new HttpError("HTTP_CLOSED", `${name} was closed`));
    transport.close();
  };
  try {
    const first = await readFirst(file, sizes.blockLength, ending);
    const blocks = new BlockFetcher(lengthOf(file.pinned), sizes, (offset, length, signal) =>
      file.range(offset, length, AbortSignal.any([signal, ending])),
    );
    if (first.length > 0) blocks.put(0, first);
    return source(name, file.pinned, transport.counters, blocks, sizes, ending, close);
  } catch (error) {
    close();
    throw error;
  }
}

function sizesOf(options: HttpSourceOptions, parallel: number): BlockSizes {
  const blockLength = options.blockLength ?? 256 << 10;
  const requestLength =
    Math.max(1, Math.floor((options.requestLength ?? 8 << 20) / blockLength)) * blockLength;
  return { blockLength, requestLength, keptLength: options.keptLength ?? 48 << 20, parallel };
}

async function readFirst(file: RemoteFile, length: number, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.range(0, length, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A range was answered, so the length is known. */
function lengthOf({ length }: PinnedFile): number {
  if (length === undefined) throw new Error("internal error: a range of no length");
  return length;
}

function source(
  name: string,
  pinned: PinnedFile,
  counters: HttpCounters,
  blocks: BlockFetcher,
  { blockLength, requestLength, keptLength }: BlockSizes,
  ending: AbortSignal,
  close: () => void,
): HttpSource {
  const length = lengthOf(pinned);
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
    name,
    length,
    etag: pinned.version.etag,
    lastModified: pinned.version.lastModified,
    counters,
    close,
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
