import type { ByteSource } from "./byte-source.ts";
import { checkOverwrites, overwritesWithin, type Overwrite } from "./overwrite.ts";

/**
 * Shows `source` with some of its bytes overwritten: an artifact, without making the file. Keeps `overwrites`.
 * `RangeError` unless they are in ascending order, apart, and inside the source.
 */
export function overwrittenSource(source: ByteSource, overwrites: readonly Overwrite[]): ByteSource {
  checkOverwrites(source.length, overwrites);
  return {
    length: source.length,
    read: async (offset, length) => {
      const target = await source.read(offset, length);
      for (const part of overwritesWithin(overwrites, offset, offset + length)) {
        target.set(part.bytes, part.offset - offset);
      }
      return target;
    },
  };
}
