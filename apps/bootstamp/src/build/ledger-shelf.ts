import type { Ledger } from "./ledger.ts";

/** One kind of what a ledger keeps: values of one type, each of a thing that has a name, such as a file's. */
export class LedgerShelf<Value> {
  readonly #prefix: string;

  /** `kind` is one word, and no other shelf's. */
  constructor(kind: string) {
    this.#prefix = `${kind} `;
  }

  get(ledger: Ledger, name: string): Value | undefined {
    return ledger.get<Value>(this.keyOf(name));
  }

  /** @throws WholeFileError. */
  set(ledger: Ledger, name: string, value: Value): void {
    ledger.set(this.keyOf(name), value);
  }

  keyOf(name: string): string {
    return this.#prefix + name;
  }

  /** The name in a key of this shelf; undefined for other keys. */
  nameIn(key: string): string | undefined {
    return key.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : undefined;
  }
}
