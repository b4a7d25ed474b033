import type { ByteSource } from "@bootstamp/byte-source";

/** Counts the bytes that are read through it. */
export class CountingSource implements ByteSource {
  readonly length: number;
  bytesRead = 0;
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
    this.length = source.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.bytesRead += length;
    return await this.#source.read(offset, length);
  }
}
