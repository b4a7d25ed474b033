import type { ByteSource } from "@bootstamp/byte-source";
import type { Segment } from "./segment-map.ts";

/** A segment's packed bytes, in parts of `windowLength`, the last one shorter. */
export async function* packedWindows(
  { packedOffset, packedLength }: Segment,
  packed: ByteSource,
  windowLength: number,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < packedLength; done += windowLength) {
    yield await packed.read(packedOffset + done, Math.min(windowLength, packedLength - done));
  }
}
