import type { FileSource } from "@bootstamp/byte-source";
import type { Span } from "@bootstamp/part-plan";

const windowLength = 1 << 20;
const blockLength = 4096;

/**
 * What an artifact has in common with the stampable file that it was cloned from, in blocks of 4 KiB. Reads both whole,
 * which are mostly still in memory.
 */
export function sharedSpans(base: FileSource, artifact: FileSource, signal: AbortSignal): Span[] {
  const spans: Span[] = [];
  const windows = [new Uint8Array(windowLength), new Uint8Array(windowLength)] as const;
  const common = Math.min(base.length, artifact.length);
  for (let offset = 0; offset < common; offset += windowLength) {
    signal.throwIfAborted();
    const length = Math.min(windowLength, common - offset);
    const [one, other] = [windows[0].subarray(0, length), windows[1].subarray(0, length)];
    base.readSync(offset, one);
    artifact.readSync(offset, other);
    const step = Buffer.compare(one, other) === 0 ? length : blockLength;
    for (let at = 0; at < length; at += step) {
      const end = Math.min(at + step, length);
      const isShared = Buffer.compare(one.subarray(at, end), other.subarray(at, end)) === 0;
      append(spans, isShared, offset + at, end - at);
    }
  }
  if (artifact.length > common) append(spans, false, common, artifact.length - common);
  return spans;
}

function append(spans: Span[], isShared: boolean, offset: number, length: number): void {
  const kind = isShared ? "shared" : "fresh";
  const last = spans.at(-1);
  if (last?.kind === kind) spans[spans.length - 1] = { ...last, length: last.length + length };
  else spans.push({ kind, length, ...(isShared ? { baseOffset: offset } : {}) });
}
