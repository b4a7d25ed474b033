import { availableParallelism } from "node:os";
import { FileSource, RecentCache, type ByteSource } from "@bootstamp/byte-source";
import { release, type Segment, type SegmentMap, type StreamFormat, headOfMap } from "@bootstamp/segment-map";
import type { ThreadPool } from "@bootstamp/threads";
import type { DecodeSetup } from "./decode-worker.ts";
import { HeldSegments } from "./held-segments.ts";
import { threadsWithinBudget } from "./memory-budget.ts";
import { openSourceThreads } from "./source-threads.ts";
import { wholeSegment } from "./whole-segment.ts";
import { workerModule } from "./worker-module.ts";

const keptLength: number = 96 << 20;
/** A segment up to this length is decoded in this thread where no other is: to hand it over and back would cost more. */
const promptLength: number = 2 << 20;

/** Decoded segments of one compressed file: each is decoded once for all who ask at the same time, the last are kept. */
export class SegmentCache {
  readonly #format: StreamFormat;
  readonly #map: SegmentMap;
  readonly #packed: ByteSource;
  readonly #segments = new RecentCache<number, Uint8Array>(keptLength, ({ length }) => length);
  readonly #threads: number;
  #pool: ThreadPool<Segment, Uint8Array> | undefined;
  #underWay = 0;

  constructor(format: StreamFormat, map: SegmentMap, packed: ByteSource) {
    this.#format = format;
    this.#map = map;
    this.#packed = packed instanceof FileSource ? packed : new HeldSegments(packed);
    this.#threads = availableParallelism();
  }

  /** All raw bytes of a segment, which others see too: not to be changed. */
  async get(index: number, segment: Segment): Promise<Uint8Array> {
    return await this.#segments.get(index, async () => await this.#decode(segment));
  }

  /**
   * Decodes a segment before it is asked for, unless every thread has something to do: returns whether it is there or
   * on its way. A failure shows when it is asked for.
   */
  prefetch(index: number, segment: Segment): boolean {
    if (this.#segments.has(index)) return true;
    if (this.#underWay >= this.#threads) return false;
    this.#segments
      .get(index, async () => await this.#counted(async () => await this.#inThread(segment)))
      .catch(() => undefined);
    return true;
  }

  /** Lets go of threads and kept segments. What is under way fails; the next read starts anew. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    for (const kept of this.#segments.drain()) kept.then(release, () => undefined);
    await pool?.close();
  }

  async #decode(segment: Segment): Promise<Uint8Array> {
    const isPrompt = this.#underWay === 0 && segment.rawLength <= promptLength;
    return await this.#counted(async () => await (isPrompt ? this.#here(segment) : this.#inThread(segment)));
  }

  async #held(segment: Segment, work: () => Promise<Uint8Array>): Promise<Uint8Array> {
    return await (this.#packed instanceof HeldSegments ? this.#packed.hold(segment, work) : work());
  }

  async #counted(work: () => Promise<Uint8Array>): Promise<Uint8Array> {
    this.#underWay++;
    try {
      return await work();
    } finally {
      this.#underWay--;
    }
  }

  async #here(segment: Segment): Promise<Uint8Array> {
    const decode = async (): Promise<Uint8Array> =>
      await wholeSegment(this.#format, this.#map, segment, this.#packed);
    return await this.#held(segment, decode);
  }

  async #inThread(segment: Segment): Promise<Uint8Array> {
    this.#pool ??= this.#start();
    const pool = this.#pool;
    return await this.#held(segment, async () => await pool.run(segment));
  }

  #start(): ThreadPool<Segment, Uint8Array> {
    const { moduleUrl } = this.#format;
    const setup: DecodeSetup = { moduleUrl, map: headOfMap(this.#map) };
    const longest = this.#map.segments.reduce((most, { rawLength }) => Math.max(most, rawLength), 0);
    const held = this.#packed instanceof HeldSegments ? longest : 0;
    const each = this.#format.decoderMemory(this.#map) + Math.min(longest + held, keptLength);
    const threads = threadsWithinBudget({ each, waiting: keptLength }, this.#threads);
    return openSourceThreads(workerModule("raw-worker"), this.#packed, setup, threads);
  }
}
