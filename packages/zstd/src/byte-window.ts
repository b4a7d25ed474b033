import type { ByteSource } from "@bootstamp/byte-source";

/** Some blocks, whatever their length: few reads, and little memory. */
const windowLength: number = 1 << 20;

/** A stretch of a source, for one reader who goes forward in small steps, most of which need not wait. */
export class ByteWindow {
  readonly #source: ByteSource;
  #offset = 0;
  #bytes: Uint8Array = new Uint8Array();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * The `length` bytes from `offset`, all inside the source, until the next {@link load}; undefined where they have to
   * be loaded.
   */
  at(offset: number, length: number): Uint8Array | undefined {
    const start = offset - this.#offset;
    if (start < 0 || start + length > this.#bytes.length) return undefined;
    return this.#bytes.subarray(start, start + length);
  }

  /** Moves to `offset`, and returns {@link at} it. */
  async load(offset: number, length: number): Promise<Uint8Array> {
    const whole = Math.min(Math.max(length, windowLength), this.#source.length - offset);
    this.#bytes = await this.#source.read(offset, whole);
    this.#offset = offset;
    return this.#bytes.subarray(0, length);
  }
}
