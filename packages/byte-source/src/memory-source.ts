import type { ByteSource, SyncByteSource } from "./byte-source.ts";
import { checkRange } from "./check-range.ts";

/** A source over bytes in memory. Does not copy them: a later change of `bytes` shows in later reads. */
export class MemorySource implements ByteSource, SyncByteSource {
  readonly length: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.length = bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    checkRange(this.length, offset, length);
    // Not slice: that of a Buffer does not copy.
    return new Uint8Array(this.#bytes.subarray(offset, offset + length));
  }

  readSync(offset: number, target: Uint8Array): void {
    checkRange(this.length, offset, target.length);
    target.set(this.#bytes.subarray(offset, offset + target.length));
  }
}
