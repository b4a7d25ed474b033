import { type ByteSource, RecentCache } from "@bootstamp/byte-source";
import { segmentIndexAt, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { atMost } from "./at-most.ts";

/** Decoded segments are kept up to this many bytes in all; a larger segment is decoded anew for each read. */
const cacheLength = 64 << 20;
/** Segments that are decoded at a time, whoever asks: there is one thread for all, and each takes its memory. */
const decodedAtOnce = 2;

/**
 * Shows the raw image inside a stampable image as a source, decoding only the segments that a read needs.
 *
 * Stored segments are read in place, zero ones not at all. A compressed segment is decoded once for all who ask at
 * the same time, and kept while there is room. Checks what decoding checks, not the whole file's checksum.
 * @throws MapError `MAP_SEGMENT_DAMAGED` from reads.
 */
export function unpackedSource(format: StreamFormat, map: SegmentMap, packed: ByteSource): ByteSource {
  const cache = new RecentCache<number, Uint8Array>(cacheLength, ({ length }) => length);
  const inTurn = atMost(decodedAtOnce);
  const readPart = async (segment: Segment, offset: number, length: number): Promise<Uint8Array> => {
    if (segment.kind === "zero") return new Uint8Array(length);
    if (segment.kind === "stored") return await format.readStored(map, segment, packed, offset, length);
    const decoded = (from: number, count: number): Promise<Uint8Array> =>
      inTurn(() => readWindow(format.decode(map, segment, packed), from, count));
    const within = offset - segment.rawOffset;
    if (segment.rawLength > cacheLength) return await decoded(within, length);
    const whole = await cache.get(segment.rawOffset, () => decoded(0, segment.rawLength));
    return whole.slice(within, within + length);
  };
  return {
    length: map.rawLength,
    read: async (offset, length) => {
      const target = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const segment = segmentAt(map, offset + done);
        const count = Math.min(length - done, segment.rawOffset + segment.rawLength - offset - done);
        target.set(await readPart(segment, offset + done, count), done);
        done += count;
      }
      return target;
    },
  };
}

function segmentAt(map: SegmentMap, offset: number): Segment {
  const segment = map.segments[segmentIndexAt(map, offset)];
  if (segment === undefined) throw new Error(`internal error: no segment at ${offset}`);
  return segment;
}

async function readWindow(
  parts: AsyncIterable<Uint8Array>,
  from: number,
  length: number,
): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let at = -from;
  for await (const part of parts) {
    const wanted = part.subarray(Math.max(0, -at), Math.max(0, length - at));
    if (at < length && wanted.length > 0) target.set(wanted, Math.max(0, at));
    at += part.length;
    if (at >= length) break;
  }
  return target;
}
