import type { ByteSource } from "@bootstamp/byte-source";
import { forwardReader } from "./forward-reader.ts";
import type { GzipIndex } from "./gzip-index.ts";
import { streamFault } from "./gzip-index-error.ts";
import { gzipSteps, type GzipStep } from "./gzip-steps.ts";

/** Where inflating has got to. */
interface Cursor {
  readonly steps: AsyncGenerator<GzipStep, void, undefined>;
  /** Bytes that were inflated last, and where they are. */
  bytes: Uint8Array;
  offset: number;
}

/** Reads where points are far apart: inflates from a point on and keeps the place, for a reader that goes forward. */
export class LongSpanReader {
  readonly #packed: ByteSource;
  readonly #index: GzipIndex;
  #cursor: Cursor | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(packed: ByteSource, index: GzipIndex) {
    this.#packed = packed;
    this.#index = index;
  }

  /** Fills `target` from raw offset `offset`, after the reads that came before. */
  async read(offset: number, target: Uint8Array): Promise<void> {
    const turn = this.#busy.then(async () => await this.#read(offset, target));
    this.#busy = turn.catch(() => {
      this.#cursor = undefined;
    });
    await turn;
  }

  async #read(offset: number, target: Uint8Array): Promise<void> {
    const cursor = await this.#cursorFor(offset);
    for (let done = 0; done < target.length;) {
      const within = offset + done - cursor.offset;
      if (within >= cursor.bytes.length) {
        await advance(cursor);
        continue;
      }
      const part = cursor.bytes.subarray(within, within + target.length - done);
      target.set(part, done);
      done += part.length;
    }
  }

  /** The cursor that is there, unless it is past `offset` or a point is nearer. */
  async #cursorFor(offset: number): Promise<Cursor> {
    const { points } = this.#index;
    const point = points.before(offset);
    const { rawOffset, packedOffset, bits, hasWindow } = points.at(point);
    const old = this.#cursor;
    if (old !== undefined && old.offset <= offset && old.offset >= rawOffset) return old;
    const window = hasWindow ? await this.#index.window(point) : undefined;
    const start = { packedBit: packedOffset * 8 - bits, window };
    const steps = gzipSteps(forwardReader(this.#packed), start, false);
    this.#cursor = { steps, bytes: new Uint8Array(), offset: rawOffset };
    return this.#cursor;
  }
}

/** Goes on to the next bytes. */
async function advance(cursor: Cursor): Promise<void> {
  const { value: step } = await cursor.steps.next();
  if (step?.kind === "bytes") {
    cursor.offset += cursor.bytes.length;
    cursor.bytes = step.bytes;
  }
  if (step === undefined || step.kind === "end")
    throw streamFault(step?.packedEnd ?? 0, `it ends after ${cursor.offset + cursor.bytes.length} raw bytes`);
}
