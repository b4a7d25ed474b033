import type { ByteSource } from "@bootstamp/byte-source";

/** One page: the headers of several small segments, or one and what it begins with. */
const windowLength = 4096;

/** The same source for one reader who mostly goes forward in small steps: each read takes along what follows. */
export function readAhead(source: ByteSource): ByteSource {
  let windowOffset = 0;
  let window: Uint8Array = new Uint8Array();
  return {
    length: source.length,
    read: async (offset, length) => {
      const end = offset + length;
      if (offset < windowOffset || end > windowOffset + window.length) {
        window = await source.read(offset, Math.max(length, Math.min(windowLength, source.length - offset)));
        windowOffset = offset;
      }
      return window.slice(offset - windowOffset, end - windowOffset);
    },
  };
}
