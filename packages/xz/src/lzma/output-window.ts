import { release } from "@bootstamp/segment-map";
import type { Target } from "./lzma-decoder.ts";

const initialLength = 1 << 16;

/**
 * The bytes that were decoded last, as many as matches may refer to, and room for the next chunk.
 *
 * Grows with what was really decoded, whatever a header claims, and holds some more than the dictionary at most.
 */
export class OutputWindow {
  readonly #dictionaryLength: number;
  #bytes = new Uint8Array(initialLength);
  #end = 0;
  /** Bytes since the dictionary was reset. */
  #position = 0;

  constructor(dictionaryLength: number) {
    this.#dictionaryLength = dictionaryLength;
  }

  resetDictionary(): void {
    this.#position = 0;
  }

  /** Has `write` fill the next `length` bytes, and returns a copy of them. */
  extend(length: number, write: (target: Target) => void): Uint8Array {
    this.#makeRoom(length);
    const start = this.#end;
    write({
      bytes: this.#bytes,
      start,
      length,
      position: this.#position,
      dictionaryLength: this.#dictionaryLength,
    });
    this.#end += length;
    this.#position += length;
    return this.#bytes.slice(start, this.#end);
  }

  /** Gives the memory back; the window is of no more use. */
  free(): void {
    release(this.#bytes);
  }

  #makeRoom(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const kept = Math.min(this.#position, this.#dictionaryLength, this.#end);
    // Half as much again as what must be there: a byte is then moved twice at most on its way through.
    const wanted = Math.max(initialLength, Math.ceil((kept + length) * 1.5));
    if (wanted <= this.#bytes.length) this.#bytes.copyWithin(0, this.#end - kept, this.#end);
    else {
      const grown = new Uint8Array(wanted);
      grown.set(this.#bytes.subarray(this.#end - kept, this.#end));
      release(this.#bytes);
      this.#bytes = grown;
    }
    this.#end = kept;
  }
}
