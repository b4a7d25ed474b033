import type { ByteSource } from "@bootstamp/byte-source";
import { segmentIndexAt, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";

/** Decoded segments are kept up to this many bytes in all; a larger segment is decoded anew for each read. */
const cacheLength = 64 << 20;

/**
 * Shows the raw image inside a stampable image as a source, decoding only the segments that a read needs.
 *
 * Stored segments are read in place, zero ones not at all. A compressed segment is decoded once for all who ask at
 * the same time, and kept while there is room. Checks what decoding checks, not the whole file's checksum.
 * @throws MapError `MAP_SEGMENT_DAMAGED` from reads.
 */
export function unpackedSource(format: StreamFormat, map: SegmentMap, packed: ByteSource): ByteSource {
  const cache = new SegmentCache();
  const readPart = async (segment: Segment, offset: number, length: number): Promise<Uint8Array> => {
    if (segment.kind === "zero") return new Uint8Array(length);
    if (segment.kind === "stored") return await format.readStored(map, segment, packed, offset, length);
    const decoded = format.decode.bind(format, map, segment, packed);
    const within = offset - segment.rawOffset;
    if (segment.rawLength > cacheLength) return await readWindow(decoded(), within, length);
    const whole = await cache.get(segment.rawOffset, () => readWindow(decoded(), 0, segment.rawLength));
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

/** The segments read last, by raw offset, up to {@link cacheLength} bytes. */
class SegmentCache {
  readonly #decoded = new Map<number, { readonly bytes: Promise<Uint8Array>; length: number }>();
  #length = 0;

  async get(key: number, decode: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const entry = this.#decoded.get(key) ?? { bytes: decode(), length: 0 };
    // Taken out and put in again: a Map keeps the order of insertion, so the first is the one not used for longest.
    this.#decoded.delete(key);
    this.#decoded.set(key, entry);
    try {
      const bytes = await entry.bytes;
      if (this.#decoded.get(key) === entry) this.#account(entry, bytes.length);
      return bytes;
    } catch (error) {
      this.#decoded.delete(key);
      throw error;
    }
  }

  #account(entry: { length: number }, length: number): void {
    this.#length += length - entry.length;
    entry.length = length;
    for (const [key, oldest] of this.#decoded) {
      if (this.#length <= cacheLength) return;
      this.#decoded.delete(key);
      this.#length -= oldest.length;
    }
  }
}
