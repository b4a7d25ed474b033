import type { ByteSource, SyncByteSource } from "./byte-source.ts";
import { checkRange } from "./check-range.ts";

/** Shows `offset..offset + length` of `source` as a source of its own. */
export function sliceSource(source: ByteSource, offset: number, length: number): ByteSource {
  checkRange(source.length, offset, length);
  return {
    length,
    read: async (at, count, signal) => {
      checkRange(length, at, count);
      return await source.read(offset + at, count, signal);
    },
  };
}

/** {@link sliceSource} for a synchronous source. */
export function sliceSyncSource(source: SyncByteSource, offset: number, length: number): SyncByteSource {
  checkRange(source.length, offset, length);
  return {
    length,
    readSync: (at, target) => {
      checkRange(length, at, target.length);
      source.readSync(offset + at, target);
    },
  };
}
