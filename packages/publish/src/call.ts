import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "./store.ts";
import { isPassing, storeFault } from "./store-fault.ts";

/** What the SDK's `send` takes beside a command. */
export interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/**
 * Sends one request, when there is a connection for it, with the SDK's own tries. `what` says what for: "read s3://...".
 * @throws PublishError; the signal's reason when it is aborted.
 */
export async function call<Output>(
  store: Store,
  what: string,
  signal: AbortSignal | undefined,
  send: (options: SendOptions) => Promise<Output>,
): Promise<Output> {
  const begin = async (): Promise<Output> => {
    try {
      return await send(signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw storeFault(error, what);
    }
  };
  return await store.slots(1, begin, signal);
}

const firstDelay = 250;

/** Does `work` again while it fails in a way that may pass: for bytes that the SDK does not send, or take, again. */
export async function withTries<Result>(
  { settings }: Store,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let failed = 1; ; failed++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (failed >= settings.tries || !isPassing(error)) throw error;
      // The random part keeps many parts from coming back all at once.
      await sleep(firstDelay * 2 ** (failed - 1) * (0.5 + Math.random() / 2));
      signal?.throwIfAborted();
    }
  }
}
