import { type Overwrite, overwritesWithin } from "@bootstamp/byte-source";

/** `bytes`, which lie at `offset` of a file, as they are with the overwrites, in parts. Copies nothing. */
export function* overwrittenBytes(
  bytes: Uint8Array,
  offset: number,
  overwrites: readonly Overwrite[],
): Generator<Uint8Array> {
  let done = 0;
  for (const part of overwritesWithin(overwrites, offset, offset + bytes.length)) {
    yield bytes.subarray(done, part.offset - offset);
    yield part.bytes;
    done = part.offset - offset + part.bytes.length;
  }
  yield bytes.subarray(done);
}
