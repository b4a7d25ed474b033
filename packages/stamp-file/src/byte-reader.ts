import { damaged } from "./stamp-file-error.ts";

/** Reads what `ByteWriter` writes. @throws StampFileError `STAMP_FILE_DAMAGED` where the bytes end, or a number is odd. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    if (length > this.rest)
      throw damaged(`it ends ${length - this.rest} bytes early, in a field at ${this.#at}`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint(width: number): number {
    return this.#checked(this.bytes(width).reduceRight((value, byte) => value * 256 + byte, 0));
  }

  /** A number in more bytes than it takes is refused: there must be one way to write a stamp. */
  varint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.uint(1);
      value = this.#checked(value + (byte % 128) * unit);
      if (byte === 0 && unit > 1) throw damaged(`a number before ${this.#at} has zeros in front`);
      if (byte < 128) return value;
    }
  }

  short(): Uint8Array {
    return this.bytes(this.uint(1));
  }

  #checked(value: number): number {
    if (!Number.isSafeInteger(value)) throw damaged(`a number before ${this.#at} is beyond 2^53`);
    return value;
  }
}
