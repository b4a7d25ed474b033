/**
 * Random-access bytes of a fixed length.
 *
 * Offsets and lengths are bytes, safe integers. A read outside `0..length` throws `SOURCE_OUT_OF_RANGE`;
 * a source that turns out shorter than it said throws `SOURCE_TRUNCATED`. Reads may run at the same time.
 */
export interface ByteSource {
  readonly length: number;
  /**
   * Returns exactly `length` bytes from `offset`. The caller owns the array: nothing else refers to its memory. A source
   * whose bytes take their time may give up when `signal` is aborted, and throw its reason.
   */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** The same bytes for code that cannot wait, such as a file system's sector callbacks. */
export interface SyncByteSource {
  readonly length: number;
  /** Fills the whole of `target` from `offset`. */
  readSync(offset: number, target: Uint8Array): void;
}
