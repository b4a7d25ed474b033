/** Collects numbers and bytes one after another. All numbers are unsigned, the lowest byte first. */
export class ByteWriter {
  readonly #parts: Uint8Array[] = [];
  #numbers: number[] = [];
  #length = 0;

  get length(): number {
    return this.#length + this.#numbers.length;
  }

  /** `value` is a safe integer that fits into `width` bytes. */
  uint(value: number, width: number): void {
    let rest = value;
    for (let index = 0; index < width; index++, rest = Math.floor(rest / 256)) this.#numbers.push(rest % 256);
  }

  /** LEB128: seven bits a byte, the lowest first, bit 7 set in all but the last. `value` is a safe integer. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#numbers.push(128 + (rest % 128));
    this.#numbers.push(rest);
  }

  /** Keeps `bytes` until the end. */
  bytes(bytes: Uint8Array): void {
    this.#close();
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  /** One length byte, then `bytes`, of which there are 255 at most. */
  short(bytes: Uint8Array): void {
    this.uint(bytes.length, 1);
    this.bytes(bytes);
  }

  finish(): Uint8Array {
    this.#close();
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #close(): void {
    this.#parts.push(Uint8Array.from(this.#numbers));
    this.#length += this.#numbers.length;
    this.#numbers = [];
  }
}
