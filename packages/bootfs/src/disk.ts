import type { SyncByteSource } from "@bootstamp/byte-source";

/** Bytes of a fixed length that can be read and written without waiting; a range outside throws. */
export interface Disk extends SyncByteSource {
  /** Copies `bytes` in at `offset`. */
  writeSync(offset: number, bytes: Uint8Array): void;
}

/** Reads `length` bytes at `offset` into new memory. */
export function readBytes(source: SyncByteSource, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  source.readSync(offset, bytes);
  return bytes;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
