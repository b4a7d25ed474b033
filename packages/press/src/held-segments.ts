import type { ByteSource } from "@bootstamp/byte-source";
import type { Segment } from "@bootstamp/segment-map";

/**
 * A remote source that fetches all of a segment, and nothing else, by one read while that is decoded: a decoder's own
 * small reads would each be taken for the beginning of more.
 */
export class HeldSegments implements ByteSource {
  readonly length: number;
  readonly #source: ByteSource;
  /** Packed bytes by their offset. */
  readonly #held = new Map<number, Uint8Array>();

  constructor(source: ByteSource) {
    this.#source = source;
    this.length = source.length;
  }

  /** Does `work` while the packed bytes of a segment, which nobody else holds, are at hand. */
  async hold<T>({ packedOffset, packedLength }: Segment, work: () => Promise<T>): Promise<T> {
    this.#held.set(packedOffset, await this.#source.read(packedOffset, packedLength));
    try {
      return await work();
    } finally {
      this.#held.delete(packedOffset);
    }
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    for (const [start, bytes] of this.#held) {
      const within = offset - start;
      if (within >= 0 && within + length <= bytes.length) return bytes.slice(within, within + length);
    }
    return await this.#source.read(offset, length, signal);
  }
}
