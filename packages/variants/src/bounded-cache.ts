/** Keeps what has been loaded until a total length is reached; what comes after is loaded anew each time. */
export class BoundedCache<Value> {
  readonly #limit: number;
  readonly #lengthOf: (value: Value) => number;
  readonly #kept = new Map<string, Promise<Value>>();
  #length = 0;

  constructor(limit: number, lengthOf: (value: Value) => number) {
    this.#limit = limit;
    this.#lengthOf = lengthOf;
  }

  /** The value of `key`; loads at the same time share one load. A failure is not kept. */
  async get(key: string, load: () => Promise<Value>): Promise<Value> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const loading = load();
    this.#kept.set(key, loading);
    try {
      const length = this.#lengthOf(await loading);
      if (this.#length + length > this.#limit) this.#kept.delete(key);
      else this.#length += length;
    } catch (error) {
      this.#kept.delete(key);
      throw error;
    }
    return loading;
  }
}
