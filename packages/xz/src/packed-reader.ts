import type { ByteSource } from "@bootstamp/byte-source";
import { CorruptData } from "./corrupt-data.ts";

/** What is read at once; longer than any LZMA2 chunk. */
const windowLength = 1 << 18;

/** Reads a source from one offset on, some way ahead. */
export class PackedReader {
  readonly #source: ByteSource;
  readonly #end: number;
  #window: Uint8Array = new Uint8Array();
  #within = 0;
  #offset: number;

  /** Reads nothing from `end` on. */
  constructor(source: ByteSource, offset: number, end: number) {
    this.#source = source;
    this.#offset = offset;
    this.#end = end;
  }

  /** Offset of the byte that comes next. */
  get offset(): number {
    return this.#offset;
  }

  /** The next `length` bytes, good until the next call. @throws CorruptData where they reach beyond the end. */
  async take(length: number): Promise<Uint8Array> {
    if (length > this.#end - this.#offset) {
      throw new CorruptData(`its data wants ${length} bytes where ${this.#end - this.#offset} are left`);
    }
    if (length > this.#window.length - this.#within) {
      const wanted = Math.min(Math.max(length, windowLength), this.#end - this.#offset);
      this.#window = await this.#source.read(this.#offset, wanted);
      this.#within = 0;
    }
    const bytes = this.#window.subarray(this.#within, this.#within + length);
    this.#within += length;
    this.#offset += length;
    return bytes;
  }
}
