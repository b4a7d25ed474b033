import type { BlockSizes } from "./block-fetcher.ts";
import { defaultSizes, fetchedSource, type FetchedSource } from "./fetched-source.ts";
import { HttpError } from "./http-error.ts";
import { settingsOf, type HttpSourceOptions } from "./http-options.ts";
import { parseTarget, printable } from "./http-url.ts";
import { RemoteFile, type PinnedFile } from "./remote-file.ts";
import { Transport, type HttpCounters } from "./transport.ts";

/** A file on a web server, read at random. */
export interface HttpSource extends FetchedSource {
  /** Without name, password and query: for messages. */
  readonly name: string;
  /** What the server calls the version that is read; every answer is held against it. */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Goes up while the source is used. */
  readonly counters: HttpCounters;
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
    const { etag, lastModified } = file.pinned.version;
    const source = fetchedSource(
      { length: lengthOf(file.pinned), sizes, first },
      (offset, length, signal) => file.range(offset, length, AbortSignal.any([signal, ending])),
      ending,
    );
    return { ...source, name, etag, lastModified, counters: transport.counters, close };
  } catch (error) {
    close();
    throw error;
  }
}

function sizesOf(options: HttpSourceOptions, parallel: number): BlockSizes {
  const blockLength = options.blockLength ?? defaultSizes.blockLength;
  const perRequest = Math.floor((options.requestLength ?? defaultSizes.requestLength) / blockLength);
  const requestLength = Math.max(1, perRequest) * blockLength;
  return { blockLength, requestLength, keptLength: options.keptLength ?? defaultSizes.keptLength, parallel };
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
