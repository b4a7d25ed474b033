import { crc32 } from "@bootstamp/crc";
import type { EncodeSettings, Frame, FrameBuilder, StreamPlan, WrittenPiece } from "@bootstamp/segment-map";
import type { FrameNote } from "./piece-encoder.ts";
import { addKind, encodeRecord, type KindRun } from "./record.ts";
import { encodeSeekTable, type SeekEntry } from "./seek-table.ts";
import { packNothing } from "./own-frame.ts";
import { emptyChecksum } from "./xxh64.ts";
import { describeEngine } from "@bootstamp/segment-map";

/** See {@link StreamFormat.openFrame}. */
export function openFrame(plan: StreamPlan, settings: EncodeSettings): FrameBuilder<FrameNote> {
  return new ZstdFrame(plan.rawLength, describeEngine(settings));
}

/** Lists the frames for the seek table, and adds their checksums up to the whole's. */
class ZstdFrame implements FrameBuilder<FrameNote> {
  readonly #rawLength: number;
  readonly #engine: string;
  readonly #entries: SeekEntry[] = [];
  readonly #kinds: KindRun[] = [];
  #rawEnd = 0;
  #rawCrc32 = crc32.empty;

  constructor(rawLength: number, engine: string) {
    this.#rawLength = rawLength;
    this.#engine = engine;
  }

  add({ piece, kind, packedLength, rawCrc32, note: checksum }: WrittenPiece<FrameNote>): void {
    const { rawOffset, rawLength } = piece;
    if (rawOffset !== this.#rawEnd) {
      throw new Error(`internal error: piece at ${rawOffset} added behind ${this.#rawEnd}`);
    }
    this.#rawEnd += rawLength;
    this.#rawCrc32 = crc32.combine(this.#rawCrc32, rawCrc32, rawLength);
    this.#entries.push({ packedLength, rawLength, checksum });
    addKind(this.#kinds, kind);
  }

  finish(): Frame {
    if (this.#rawEnd !== this.#rawLength) {
      throw new Error(`internal error: frame finished at ${this.#rawEnd} of ${this.#rawLength}`);
    }
    // A file that is known by its first bytes must not begin with a skippable frame.
    const nothing = this.#rawLength === 0 ? [packNothing(emptyChecksum)] : [];
    const record = encodeRecord({
      rawLength: this.#rawLength,
      baseCrc32: this.#rawCrc32,
      rawCrc32: this.#rawCrc32,
      engine: this.#engine,
      kinds: this.#kinds,
    });
    const frames = [...nothing, record];
    const entries = frames.map(({ length }) => ({
      packedLength: length,
      rawLength: 0,
      checksum: emptyChecksum,
    }));
    const table = encodeSeekTable([...this.#entries, ...entries]);
    return { head: new Uint8Array(), tail: new Uint8Array(Buffer.concat([...frames, table])) };
  }
}
