import type { ByteSource } from "@bootstamp/byte-source";
import { type Segment, segmentFault, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { KeptParts } from "./kept-parts.ts";

const keptLength: number = 32 << 20;

/** Where decoding a segment has got to. */
interface Cursor {
  readonly segment: Segment;
  readonly parts: AsyncIterator<Uint8Array>;
  /** What was decoded last, and where in the segment it is. */
  bytes: Uint8Array;
  within: number;
}

/**
 * Reads in segments that are too long to be held: decodes one from its beginning and keeps the place, for a reader
 * that goes forward, and some of what was read, for who looks at it again. Reads wait for each other.
 */
export class LongSegmentReader {
  readonly #format: StreamFormat;
  readonly #map: SegmentMap;
  readonly #packed: ByteSource;
  readonly #kept = new KeptParts(keptLength);
  #cursor: Cursor | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(format: StreamFormat, map: SegmentMap, packed: ByteSource) {
    this.#format = format;
    this.#map = map;
    this.#packed = packed;
  }

  /** Fills `target` from byte `within` of the segment. @throws MapError `MAP_SEGMENT_DAMAGED`. */
  async read(segment: Segment, within: number, target: Uint8Array): Promise<void> {
    const turn = this.#busy.then(async () => await this.#read(segment, within, target));
    this.#busy = turn.catch(async () => await this.#leave());
    await turn;
  }

  /** Lets go of the place, with the decoder that is kept for it, and of what is kept, behind the reads under way. */
  async close(): Promise<void> {
    this.#busy = this.#busy.then(async () => await this.#leave());
    await this.#busy;
    this.#kept.clear();
  }

  async #read(segment: Segment, within: number, target: Uint8Array): Promise<void> {
    for (let done = 0; done < target.length;) {
      const bytes = await this.#from(segment, within + done);
      const part = bytes.subarray(0, target.length - done);
      target.set(part, done);
      done += part.length;
    }
  }

  /** What a segment has from byte `within` on, as far as it is there together. */
  async #from(segment: Segment, within: number): Promise<Uint8Array> {
    const kept = this.#kept.from(segment, within);
    if (kept !== undefined) return kept;
    const cursor = await this.#cursorFor(segment, within);
    while (within >= cursor.within + cursor.bytes.length) await advance(cursor);
    this.#kept.keep(segment, cursor.within, cursor.bytes);
    return cursor.bytes.subarray(within - cursor.within);
  }

  async #cursorFor(segment: Segment, within: number): Promise<Cursor> {
    const old = this.#cursor;
    if (old !== undefined && old.segment === segment && old.within <= within) return old;
    await this.#leave();
    const parts = this.#format.decode(this.#map, segment, this.#packed)[Symbol.asyncIterator]();
    this.#cursor = { segment, parts, bytes: new Uint8Array(), within: 0 };
    return this.#cursor;
  }

  async #leave(): Promise<void> {
    const old = this.#cursor;
    this.#cursor = undefined;
    await old?.parts.return?.();
  }
}

/** Goes on to the bytes that come next. */
async function advance(cursor: Cursor): Promise<void> {
  const next = await cursor.parts.next();
  cursor.within += cursor.bytes.length;
  if (next.done === true) throw segmentFault(cursor.segment, `it ends after ${cursor.within} bytes`);
  // A part may share its buffer with the next one.
  cursor.bytes = new Uint8Array(next.value);
}
