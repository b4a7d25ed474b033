interface Waiting {
  readonly weight: number;
  readonly begin: () => void;
}

/** Lets pieces of work weigh so much together, first come, first served. One that weighs more runs alone. */
export class Budget {
  readonly #total: number;
  readonly #waiting: Waiting[] = [];
  #free: number;

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  /** Runs `work` when there is room for it. An aborted signal, which is thrown, makes it give up its place. */
  async run<Result>(
    wanted: number,
    signal: AbortSignal | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const weight = Math.min(wanted, this.#total);
    await this.#enter(weight, signal);
    try {
      return await work();
    } finally {
      this.#free += weight;
      this.#admit();
    }
  }

  async #enter(weight: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { weight, begin: resolve };
    const leave = (): void => {
      const index = this.#waiting.indexOf(waiting);
      if (index < 0) return;
      this.#waiting.splice(index, 1);
      reject(signal?.reason);
      this.#admit();
    };
    this.#waiting.push(waiting);
    this.#admit();
    signal?.addEventListener("abort", leave, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.weight > this.#free) return;
      this.#waiting.shift();
      this.#free -= next.weight;
      next.begin();
    }
  }
}
