interface Entry<Value> {
  readonly value: Promise<Value>;
  /** 0 until the value is there. */
  weight: number;
}

/**
 * Keeps the values that were asked for last, and loads each once for all who ask at the same time.
 *
 * A value that fails to load is forgotten, and its error goes to all who waited. Values that are being loaded do not
 * count against the budget: how many there are at once is up to the caller.
 */
export class RecentCache<Key, Value> {
  readonly #entries = new Map<Key, Entry<Value>>();
  readonly #budget: number;
  readonly #weigh: (value: Value) => number;
  #weight = 0;

  /** `budget` is what all kept values may weigh together, each 1 at least; one that weighs more is never kept. */
  constructor(budget: number, weigh: (value: Value) => number) {
    this.#budget = budget;
    this.#weigh = weigh;
  }

  /** The value under `key`, loaded by `load` unless it is there or on its way. */
  get(key: Key, load: (key: Key) => Promise<Value>): Promise<Value> {
    const entry = this.#entries.get(key) ?? this.#load(key, load);
    // Taken out and put in again: a Map keeps the order of insertion, so the first is the one not used for longest.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Whether {@link RecentCache.get} would load nothing. */
  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  /** Forgets a value at once, also one on its way; those who wait for that still get it. */
  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#forget(key, entry);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  /** Forgets all values, and returns them. */
  drain(): Promise<Value>[] {
    const values = [...this.#entries.values()].map(({ value }) => value);
    this.clear();
    return values;
  }

  #load(key: Key, load: (key: Key) => Promise<Value>): Entry<Value> {
    const entry: Entry<Value> = { value: load(key), weight: 0 };
    entry.value.then(
      (value) => this.#keep(key, entry, this.#weigh(value)),
      () => this.#forget(key, entry),
    );
    return entry;
  }

  #keep(key: Key, entry: Entry<Value>, weight: number): void {
    if (this.#entries.get(key) !== entry) return;
    if (weight > this.#budget) return this.#forget(key, entry);
    entry.weight = weight;
    this.#weight += weight;
    for (const [oldKey, old] of this.#entries) {
      if (this.#weight <= this.#budget) return;
      if (old.weight > 0 && old !== entry) this.#forget(oldKey, old);
    }
  }

  #forget(key: Key, entry: Entry<Value>): void {
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
  }
}
