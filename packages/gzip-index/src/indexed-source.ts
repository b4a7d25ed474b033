import { checkRange, RecentCache, type ByteSource } from "@bootstamp/byte-source";
import { spanAt, type GzipIndex, type Span } from "./gzip-index.ts";
import { inflateSpan } from "./inflate-span.ts";
import { LongSpanReader } from "./long-span-reader.ts";

export interface IndexedGzipOptions {
  /** Inflated spans are kept up to this many bytes in all. 64 MiB by default. */
  readonly keptLength?: number;
}

/** Longer spans, of either kind of bytes, are inflated piece by piece. */
const longestWhole: number = 32 << 20;
/** Spans of one read that are inflated at the same time. */
const parallelSpans = 4;

/**
 * Shows what a .gz inflates to as a source, inflating only from the point before what is read.
 *
 * A span is inflated whole in the thread pool, once for all who ask at the same time, and held against the index: by its
 * CRC-32 where the index is ours, else by the next point's window. Behind a reader that goes forward the next span is
 * inflated ahead. Where points are more than 32 MiB apart, one reader's place is kept, nothing is checked but the stream
 * itself, and a read at random takes the time to inflate from the point on.
 * @throws from reads: GzipIndexError `GZINDEX_STREAM_DAMAGED`, `GZINDEX_OTHER_FILE`.
 */
export function openIndexedGzip(
  packed: ByteSource,
  index: GzipIndex,
  options: IndexedGzipOptions = {},
): ByteSource {
  const spans = new RecentCache<number, Uint8Array>(options.keptLength ?? 64 << 20, (span) => span.length);
  const longSpans = new LongSpanReader(packed, index);
  const inflate = async (point: number): Promise<Uint8Array> =>
    await spans.get(point, async () => await inflateSpan(packed, index, point));
  let lastPoint = -1;
  const readAhead = (point: number): void => {
    const isForward = point === lastPoint + 1;
    lastPoint = point;
    const next = point + 1;
    if (!isForward || next >= index.points.length || spans.has(next) || isLong(spanAt(index, next))) return;
    // A failure shows when the span is read.
    inflate(next).catch(() => undefined);
  };
  const fill = async (point: number, offset: number, target: Uint8Array): Promise<void> => {
    const span = spanAt(index, point);
    const from = Math.max(offset, span.rawOffset);
    const count = Math.min(offset + target.length, span.rawOffset + span.rawLength) - from;
    const part = target.subarray(from - offset, from - offset + count);
    if (isLong(span)) await longSpans.read(from, part);
    else part.set((await inflate(point)).subarray(from - span.rawOffset, from - span.rawOffset + count));
  };
  return {
    length: index.rawLength,
    read: async (offset, length) => {
      checkRange(index.rawLength, offset, length);
      const target = new Uint8Array(length);
      if (length === 0) return target;
      const last = index.points.before(offset + length - 1);
      for (let point = index.points.before(offset); point <= last; point += parallelSpans) {
        const count = Math.min(parallelSpans, last + 1 - point);
        const points = Array.from({ length: count }, (_, ahead) => point + ahead);
        await Promise.all(points.map(async (each) => await fill(each, offset, target)));
      }
      readAhead(last);
      return target;
    },
  };
}

function isLong({ rawLength, packedOffset, packedEnd }: Span): boolean {
  return rawLength > longestWhole || packedEnd - packedOffset > longestWhole;
}
