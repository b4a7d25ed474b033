import type { IncomingMessage } from "node:http";
import { badAnswer, cutShort } from "./answer-fault.ts";
import { HttpError } from "./http-error.ts";
import { stalled, toError, type Transport } from "./transport.ts";

/** A body must bring so many bytes in each stall time. */
const leastLength: number = 64 << 10;

/**
 * The bytes of an answer as they come, `length` exactly unless that is not known. Stopping early closes the connection.
 * @throws HttpError `HTTP_STALLED`, `HTTP_BAD_ANSWER`, `HTTP_CUT_SHORT`, the last as {@link Passing}; the signal's
 * reason.
 */
export async function* bodyOf(
  transport: Transport,
  answer: IncomingMessage,
  url: URL,
  length: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let got = 0;
  const stop = (): void => void answer.destroy(toError(signal.reason));
  signal.addEventListener("abort", stop);
  try {
    for await (const chunk of inTime(answer, url, transport.settings.stallTime)) {
      got += chunk.length;
      transport.counters.bytes += chunk.length;
      if (length !== undefined && got > length)
        throw badAnswer(url, `with more than the ${length} bytes it announced`);
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof HttpError ? error : cutShort(url, got, length, error);
  } finally {
    signal.removeEventListener("abort", stop);
    answer.destroy();
  }
  if (length !== undefined && got < length) throw cutShort(url, got, length);
}

/** The chunks of an answer. Only time in which the caller waits for them counts as the server's. */
async function* inTime(answer: IncomingMessage, url: URL, stallTime: number): AsyncGenerator<Uint8Array> {
  let waited = 0;
  let length = 0;
  const chunks: AsyncIterator<Uint8Array> = answer[Symbol.asyncIterator]();
  for (;;) {
    const since = performance.now();
    const timer = setTimeout(() => answer.destroy(stalled(url)), stallTime - waited);
    let next: IteratorResult<Uint8Array>;
    try {
      next = await chunks.next();
    } finally {
      clearTimeout(timer);
    }
    if (next.done === true) return;
    waited += performance.now() - since;
    length += next.value.length;
    if (length >= leastLength) waited = length = 0;
    yield next.value;
  }
}
