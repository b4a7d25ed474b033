import { MessageChannel, type MessagePort } from "node:worker_threads";
import { packFault, unpackFault, type PortableFault } from "@bootstamp/fault";
import type { ByteSource, SyncByteSource } from "./byte-source.ts";
import { checkRange } from "./check-range.ts";

/**
 * Lets a worker thread read a source of another thread, synchronously.
 *
 * The worker posts what it wants and sleeps on `control`; the other thread reads, copies into `window`, and wakes it.
 * One request at a time. `port` must be in the transfer list of the message that carries this.
 */
export interface ThreadSourceHandle {
  readonly length: number;
  readonly port: MessagePort;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly window: Uint8Array<SharedArrayBuffer>;
}

const windowLength = 1 << 20;
const waiting = 0;
const answered = 1;
const failed = 2;

interface ReadRequest {
  readonly offset: number;
  readonly length: number;
}

/** Serves `source` to the one thread that `handle` is sent to, until `stop` is called. */
export function shareSource(source: ByteSource): { handle: ThreadSourceHandle; stop: () => void } {
  const { port1, port2 } = new MessageChannel();
  const control = new Int32Array(new SharedArrayBuffer(8));
  const window = new Uint8Array(new SharedArrayBuffer(windowLength));
  port1.on("message", (request: ReadRequest) => {
    source.read(request.offset, request.length).then(
      (bytes) => {
        window.set(bytes);
        return wake(control, answered);
      },
      (error: unknown) => {
        const text = new TextEncoder().encode(JSON.stringify(packFault(error)));
        window.set(text);
        control[1] = text.length;
        wake(control, failed);
      },
    );
  });
  port1.unref();
  return { handle: { length: source.length, port: port2, control, window }, stop: () => port1.close() };
}

/** The worker's side of {@link shareSource}. Blocks its thread during each read. */
export function threadSource(handle: ThreadSourceHandle): SyncByteSource {
  const { length, port, control, window } = handle;
  const readWindow = (offset: number, target: Uint8Array): void => {
    Atomics.store(control, 0, waiting);
    port.postMessage({ offset, length: target.length } satisfies ReadRequest);
    Atomics.wait(control, 0, waiting);
    if (Atomics.load(control, 0) === failed) {
      const packed: PortableFault = JSON.parse(new TextDecoder().decode(window.slice(0, control[1])));
      throw unpackFault(packed);
    }
    target.set(window.subarray(0, target.length));
  };
  return {
    length,
    readSync: (offset, target) => {
      checkRange(length, offset, target.length);
      for (let done = 0; done < target.length; done += windowLength) {
        readWindow(offset + done, target.subarray(done, done + windowLength));
      }
    },
  };
}

function wake(control: Int32Array<SharedArrayBuffer>, state: number): void {
  Atomics.store(control, 0, state);
  Atomics.notify(control, 0);
}
