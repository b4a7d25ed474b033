import type { ByteSource } from "./byte-source.ts";
import { checkRange } from "./check-range.ts";

/** Shows sources one behind the other as one. A read costs a search by halving, and the reads of those that it touches. */
export function joinedSource(sources: readonly ByteSource[]): ByteSource {
  const starts: number[] = [];
  let length = 0;
  for (const source of sources) {
    starts.push(length);
    length += source.length;
  }
  return {
    length,
    read: async (offset, count) => {
      checkRange(length, offset, count);
      const at = lastUpTo(starts, offset);
      const within = offset - (starts[at] ?? 0);
      const first = sources[at];
      if (first !== undefined && within + count <= first.length) return await first.read(within, count);
      const target = new Uint8Array(count);
      for (let index = at, done = 0; done < count; index++) {
        const source = sources[index];
        if (source === undefined) throw new Error("internal error: joined sources end before their length");
        const from = offset + done - (starts[index] ?? 0);
        const part = await source.read(from, Math.min(count - done, source.length - from));
        target.set(part, done);
        done += part.length;
      }
      return target;
    },
  };
}

/** Index of the last of some ascending numbers that is not above `offset`. */
function lastUpTo(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
