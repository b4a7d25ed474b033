/** Keeps what one connection has under way within a number of requests and of bytes, by making the next one wait. */
export class FlowGate {
  readonly #maxRequests: number;
  readonly #maxBytes: number;
  #requests = 0;
  #bytes = 0;
  readonly #waiting = new Set<() => void>();

  constructor(maxRequests: number, maxBytes: number) {
    this.#maxRequests = maxRequests;
    this.#maxBytes = maxBytes;
  }

  /** Resolves when a request of `bytes` may begin; it is counted from then on. One that is alone always may. */
  async enter(bytes: number): Promise<void> {
    await this.#until(() => this.#requests === 0 || this.#hasRoom(bytes));
    this.#requests++;
    this.#bytes += bytes;
  }

  leave(bytes: number): void {
    this.#requests--;
    this.#bytes -= bytes;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#until(() => this.#requests === 0);
  }

  #hasRoom(bytes: number): boolean {
    return this.#requests < this.#maxRequests && this.#bytes + bytes <= this.#maxBytes;
  }

  async #until(met: () => boolean): Promise<void> {
    while (!met()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }
}
