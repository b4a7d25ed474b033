/** One number that all threads see, not zero once what they do is of no more use. */
export type HaltFlag = Int32Array<SharedArrayBuffer>;

/**
 * Work in threads that is given up as a whole: at the first failure in one of them, or at a stop. What is under way ends
 * where it asks with {@link throwIfHalted}. Never by ending the threads: an engine that is at work in one would take the
 * process along.
 */
export class Halt implements Disposable {
  /** For the setup of the threads. */
  readonly flag: HaltFlag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #signal: AbortSignal | undefined;
  readonly #failures: unknown[] = [];
  readonly #stop = (): void => this.giveUp(this.#signal?.reason);

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    if (signal?.aborted === true) this.#stop();
    signal?.addEventListener("abort", this.#stop, { once: true });
  }

  giveUp(failure: unknown): void {
    this.#failures.push(failure);
    Atomics.store(this.flag, 0, 1);
  }

  /** Does a part of the work, unless it is given up already; gives it up where the part fails. */
  async guard<Result>(part: () => Promise<Result>): Promise<Result> {
    if (this.#failures.length > 0) throw this.#failures[0];
    try {
      return await part();
    } catch (error) {
      this.giveUp(error);
      throw error;
    }
  }

  /** What `error` comes of: others than the first may only say that they were given up. */
  causeOf(error: unknown): unknown {
    return this.#failures.length === 0 ? error : this.#failures[0];
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener("abort", this.#stop);
  }
}

/** In a thread: ends what is under way there once it is given up. */
export function throwIfHalted(flag: HaltFlag): void {
  if (Atomics.load(flag, 0) !== 0) throw new Error("given up");
}
