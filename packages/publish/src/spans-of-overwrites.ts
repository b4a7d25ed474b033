import { checkOverwrites, type Overwrite } from "@bootstamp/byte-source";
import type { Span } from "@bootstamp/part-plan";

/** The spans of an artifact that is its base, of `length` bytes, with some of them overwritten. */
export function spansOfOverwrites(length: number, overwrites: readonly Overwrite[]): Span[] {
  checkOverwrites(length, overwrites);
  const spans: Span[] = [];
  let done = 0;
  const share = (end: number): void => {
    if (end > done) spans.push({ kind: "shared", length: end - done, baseOffset: done });
  };
  for (const { offset, bytes } of overwrites) {
    share(offset);
    if (bytes.length > 0) spans.push({ kind: "fresh", length: bytes.length });
    done = offset + bytes.length;
  }
  share(length);
  return spans;
}
