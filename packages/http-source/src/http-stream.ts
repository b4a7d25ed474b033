import { HttpError } from "./http-error.ts";
import { settingsOf, type HttpOptions } from "./http-options.ts";
import { parseTarget, printable } from "./http-url.ts";
import { RemoteFile, type PinnedFile } from "./remote-file.ts";
import { Transport, type HttpCounters } from "./transport.ts";

/** A file on a web server, read once from its first byte to its last. */
export interface HttpStream extends AsyncIterable<Uint8Array> {
  /** Without name, password and query: for messages. */
  readonly name: string;
  /** Undefined where the server does not say; then whether the bytes are all shows only in what they hold. */
  readonly length: number | undefined;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Goes up while the stream is read. */
  readonly counters: HttpCounters;
  /** Ends what is under way and closes the connection; so does reading to the end, or leaving the loop. */
  close(): void;
}

/**
 * Opens a file on a web server to read it as a whole, which every server can do, no faster than it is taken.
 *
 * A connection that is lost is taken up again where it was, if the server answers ranges and says which version of the
 * file it sends; else that is `HTTP_CUT_SHORT`. A chunk is the reader's own.
 * @throws HttpError every code but `HTTP_NO_LENGTH`.
 */
export async function openHttpStream(url: string, options: HttpOptions = {}): Promise<HttpStream> {
  const settings = settingsOf(options);
  const target = parseTarget(url, settings.authorization);
  const transport = new Transport(settings);
  const closing = new AbortController();
  const ending = AbortSignal.any([
    closing.signal,
    ...(settings.signal === undefined ? [] : [settings.signal]),
  ]);
  const name = printable(target.url);
  const close = (): void => {
    closing.abort(new HttpError("HTTP_CLOSED", `${name} was closed`));
    transport.close();
  };
  const opened = Promise.withResolvers<PinnedFile>();
  const bytes = new RemoteFile(transport, target).whole(ending, opened.resolve);
  const first = bytes.next();
  first.catch(opened.reject);
  try {
    const { length, version } = await opened.promise;
    return {
      name,
      length,
      etag: version.etag,
      lastModified: version.lastModified,
      counters: transport.counters,
      close,
      [Symbol.asyncIterator]: () => chunksOf(first, bytes, close),
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function* chunksOf(
  first: Promise<IteratorResult<Uint8Array>>,
  rest: AsyncGenerator<Uint8Array>,
  close: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    const { done, value } = await first;
    if (done === true) return;
    yield value;
    yield* rest;
  } finally {
    close();
  }
}
