import type { ByteSource } from "@bootstamp/byte-source";

const windowLength: number = 64 << 10;

/** The same source for one reader who goes forward in small steps: short reads take along what follows. */
export function forwardReader(source: ByteSource): ByteSource {
  let window: Uint8Array = new Uint8Array();
  let windowOffset = 0;
  return {
    length: source.length,
    read: async (offset, length) => {
      if (length > windowLength / 2) return await source.read(offset, length);
      if (offset < windowOffset || offset + length > windowOffset + window.length) {
        window = await source.read(offset, Math.max(length, Math.min(windowLength, source.length - offset)));
        windowOffset = offset;
      }
      return window.slice(offset - windowOffset, offset - windowOffset + length);
    },
  };
}
