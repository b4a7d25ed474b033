/** Reads bytes that come in parts of any length. */
export class PartReader {
  readonly #parts: AsyncIterator<Uint8Array>;
  #part: Uint8Array = new Uint8Array();

  constructor(parts: AsyncIterable<Uint8Array>) {
    this.#parts = parts[Symbol.asyncIterator]();
  }

  /** Fills `target` with the bytes that come next; fails where there are too few. */
  async fill(target: Uint8Array): Promise<void> {
    for (let done = 0; done < target.length;) {
      if (this.#part.length === 0 && !(await this.#next())) {
        throw new Error(`internal error: parts end ${target.length - done} bytes early`);
      }
      const taken = this.#part.subarray(0, target.length - done);
      target.set(taken, done);
      done += taken.length;
      this.#part = this.#part.subarray(taken.length);
    }
  }

  /** Goes to the end, which a decoder compares its checksums at. Fails where there are bytes left. */
  async finish(): Promise<void> {
    if (this.#part.length > 0 || (await this.#next())) throw new Error("internal error: parts go on");
  }

  /** False at the end. */
  async #next(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#parts.next();
      if (done === true) return false;
      if (value.length === 0) continue;
      this.#part = value;
      return true;
    }
  }
}
