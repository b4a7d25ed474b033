import { crc32 } from "@bootstamp/crc";
import type {
  EncodeSettings,
  Frame,
  FrameBuilder,
  Piece,
  StreamPlan,
  WrittenPiece,
} from "@bootstamp/segment-map";
import { encodeHead, encodeTail } from "./header.ts";
import { type Layout, segmentCuts } from "./layout.ts";
import { encodePayload, type MapEntry } from "./map-payload.ts";
import { planLayout } from "./plan.ts";
import { checkOf } from "./segment-check.ts";
import { describeEngine } from "@bootstamp/segment-map";

/** See {@link StreamFormat.openFrame}. */
export function openFrame(plan: StreamPlan, settings: EncodeSettings): FrameBuilder<undefined> {
  const layout = planLayout(plan.rawLength, plan.stored, settings);
  return new GzipFrame(layout, describeEngine(settings));
}

/** Adds pieces up to segments, and their checksums to the whole's. */
class GzipFrame implements FrameBuilder<undefined> {
  readonly #layout: Layout;
  readonly #engine: string;
  readonly #cuts: Iterator<Piece, void>;
  readonly #entries: MapEntry[] = [];
  #rawEnd = 0;
  #rawCrc32 = crc32.empty;
  #segmentEnd = 0;
  #packedLength = 0;
  #segmentCrc32 = crc32.empty;
  #zero = true;

  constructor(layout: Layout, engine: string) {
    this.#layout = layout;
    this.#engine = engine;
    this.#cuts = segmentCuts(layout);
  }

  add({ piece, kind, packedLength, rawCrc32 }: WrittenPiece<undefined>): void {
    if (piece.rawOffset !== this.#rawEnd) {
      throw new Error(`internal error: piece at ${piece.rawOffset} added behind ${this.#rawEnd}`);
    }
    if (this.#rawEnd === this.#segmentEnd) this.#beginSegment();
    this.#rawEnd += piece.rawLength;
    this.#rawCrc32 = crc32.combine(this.#rawCrc32, rawCrc32, piece.rawLength);
    this.#segmentCrc32 = crc32.combine(this.#segmentCrc32, rawCrc32, piece.rawLength);
    this.#packedLength += packedLength;
    this.#zero &&= kind === "zero";
    if (this.#rawEnd === this.#segmentEnd && !piece.stored) {
      const check = checkOf(this.#segmentCrc32);
      this.#entries.push({ packedLength: this.#packedLength, zero: this.#zero, check });
    }
  }

  finish(): Frame {
    const { rawLength } = this.#layout;
    if (this.#rawEnd !== rawLength) {
      throw new Error(`internal error: frame finished at ${this.#rawEnd} of ${rawLength}`);
    }
    const payload = encodePayload({
      layout: this.#layout,
      baseCrc32: this.#rawCrc32,
      engine: this.#engine,
      entries: this.#entries,
    });
    return { head: encodeHead(payload), tail: encodeTail(this.#rawCrc32, rawLength) };
  }

  #beginSegment(): void {
    this.#segmentEnd += this.#cuts.next().value?.rawLength ?? 0;
    this.#packedLength = 0;
    this.#segmentCrc32 = crc32.empty;
    this.#zero = true;
  }
}
