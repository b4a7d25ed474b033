/**
 * Lets writes go side by side, and sealing alone: a checksum over bytes that change while it is worked out is of bytes
 * that never were. What asks for the gate first goes first.
 */
export class SealGate {
  readonly #writes = new Set<Promise<unknown>>();
  #sealing: Promise<unknown> = Promise.resolve();

  /** Runs `write` beside others, as soon as nothing is being sealed that was asked for before. */
  async share<T>(write: () => Promise<T>): Promise<T> {
    for (let seen: unknown; seen !== this.#sealing;) {
      seen = this.#sealing;
      await this.#sealing;
    }
    const running = write();
    this.#writes.add(running);
    try {
      return await running;
    } finally {
      this.#writes.delete(running);
    }
  }

  /** Runs `seal` when all writes are done that had begun, and keeps others waiting. */
  async alone<T>(seal: () => Promise<T>): Promise<T> {
    const before = this.#sealing;
    const running = (async () => {
      await before;
      await Promise.allSettled(this.#writes);
      return await seal();
    })();
    this.#sealing = running.catch(() => undefined);
    return await running;
  }
}
