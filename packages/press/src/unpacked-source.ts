import { checkRange, type ByteSource } from "@bootstamp/byte-source";
import { segmentIndexAt, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { ForwardReaders } from "./forward-readers.ts";
import { isLong } from "./long-segment.ts";
import { LongSegmentReader } from "./long-segment-reader.ts";
import { SegmentCache } from "./segment-cache.ts";

/** The raw image inside a compressed file. */
export interface UnpackedSource extends ByteSource {
  /** Lets go of threads, decoders and kept bytes. What is under way fails; the next read would start anew. */
  close(): Promise<void>;
}

/** Segments of one read that are decoded at the same time. */
const parallelSegments = 4;

/**
 * Shows the raw image inside a stampable image as a source, decoding only the segments that a read needs.
 *
 * Stored segments are read in place, zero ones not at all. A compressed segment is decoded once for all who ask at
 * the same time, in threads where there is more than one to decode or it is long, and kept while there is room, 96 MiB
 * in all. Behind a reader that goes forward the next ones are decoded ahead. In a segment of more than 32 MiB a reader
 * that goes forward goes on where it was, and what was read last, 32 MiB of it, is kept; any other read takes the time to
 * decode it from its beginning. Checks what decoding checks, not the whole file's checksum. Close it.
 * @throws MapError `MAP_SEGMENT_DAMAGED` from reads.
 */
export function unpackedSource(format: StreamFormat, map: SegmentMap, packed: ByteSource): UnpackedSource {
  const cache = new SegmentCache(format, map, packed);
  const long = new LongSegmentReader(format, map, packed);
  const fill = async (index: number, offset: number, target: Uint8Array): Promise<void> => {
    const segment = segmentAt(map, index);
    const from = Math.max(offset, segment.rawOffset);
    const count = Math.min(offset + target.length, segment.rawOffset + segment.rawLength) - from;
    const part = target.subarray(from - offset, from - offset + count);
    if (segment.kind === "zero") return;
    if (segment.kind === "stored") part.set(await format.readStored(map, segment, packed, from, count));
    else if (isLong(segment)) await long.read(segment, from - segment.rawOffset, part);
    else {
      const whole = await cache.get(index, segment);
      if (whole.length !== segment.rawLength) throw new Error("read from a source that was closed meanwhile");
      part.set(whole.subarray(from - segment.rawOffset, from - segment.rawOffset + count));
    }
  };
  const forward = new ForwardReaders();
  return {
    length: map.rawLength,
    read: async (offset, length) => {
      checkRange(map.rawLength, offset, length);
      const target = new Uint8Array(length);
      if (length === 0) return target;
      const first = segmentIndexAt(map, offset);
      const last = segmentIndexAt(map, offset + length - 1);
      const goesForward = forward.note(offset, { offset: offset + length, segment: last });
      for (let from = first; from <= last; from += parallelSegments) {
        const count = Math.min(parallelSegments, last + 1 - from);
        const indices = Array.from({ length: count }, (_, ahead) => from + ahead);
        const filled = Promise.all(indices.map(async (index) => await fill(index, offset, target)));
        if (goesForward && from + count > last) prefetchBehind(map, last, cache);
        await filled;
      }
      // Threads have nothing to do by now.
      if (goesForward) prefetchBehind(map, last, cache);
      return target;
    },
    close: async () => {
      await cache.close();
      await long.close();
    },
  };
}

/** Beyond so many segments nothing is decoded ahead: zeros and stored ones are not worth a look further. */
const segmentsAhead = 8;

function prefetchBehind(map: SegmentMap, last: number, cache: SegmentCache): void {
  for (let index = last + 1; index <= last + segmentsAhead; index++) {
    const segment = map.segments[index];
    if (segment === undefined) return;
    if (segment.kind === "compressed" && !isLong(segment) && !cache.prefetch(index, segment)) return;
  }
}

function segmentAt(map: SegmentMap, index: number): Segment {
  const segment = map.segments[index];
  if (segment === undefined) throw new Error(`internal error: no segment ${index}`);
  return segment;
}
