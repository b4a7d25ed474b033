import type { Duplex } from "node:stream";
import { leastMove } from "./limits.ts";
import { NbdError } from "./nbd-error.ts";

/**
 * Bytes read ahead of what is asked for. Enough for a thousand requests, so that the end of a client that waits for
 * replies is seen although no request of it can begin; and all that a client can make the server hold unasked.
 */
const readAhead = 64 * 1024;

const noBytes = Buffer.alloc(0);

/** Chunks below this are put together: a peer that sends a byte a time must not make the server hold an object for each. */
const roomForSmall = 4096;

/** What a peer sends, by exact numbers of bytes. One `take` or `skip` at a time. */
export class PeerInput {
  readonly #stream: Duplex;
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Bytes behind the last chunk, in its memory, that nobody has. */
  #spare = noBytes;
  #wanted = 0;
  #moved = 0;
  #lastMoved = 0;
  #ended = false;
  #interruption: NbdError | undefined;
  #wake: (() => void) | undefined;
  readonly #onData = (chunk: Buffer): void => this.#add(chunk);
  readonly #onEnd = (): void => this.#end();

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onEnd);
  }

  /** Bytes that have come and were not taken yet. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Bytes that are waited for. */
  get wanted(): number {
    return this.#wanted;
  }

  /** When the last {@link leastMove} bytes had come, or the waiting for what is waited for began. */
  get lastMoved(): number {
    return this.#lastMoved;
  }

  /**
   * Resolves to the next `length` bytes, which are the caller's. Holds no more memory than has come: a peer that
   * announces bytes and sends none costs nothing. Rejects with `NBD_CLIENT_GONE`, or what interrupted it.
   */
  async take(length: number): Promise<Buffer> {
    await this.#until(length);
    this.#buffered -= length;
    const bytes = this.#shift(length);
    this.#steer();
    return bytes;
  }

  /** Drops the next `length` bytes as they come. Rejects as {@link PeerInput.take} does. */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0;) {
      await this.#until(1);
      left -= (await this.take(Math.min(left, this.#buffered))).length;
    }
  }

  /** Makes `take` and `skip` reject from now on, also the one that waits, whatever has come. */
  interrupt(error: NbdError): void {
    this.#interruption ??= error;
    this.#wake?.();
  }

  /** Leaves the stream to others, paused. */
  release(): void {
    this.#stream.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onEnd);
    this.#stream.pause();
  }

  #add(chunk: Buffer): void {
    this.#keep(chunk);
    this.#buffered += chunk.length;
    this.#moved += chunk.length;
    if (this.#moved >= leastMove) this.#startClock();
    this.#steer();
    if (this.#buffered >= this.#wanted) this.#wake?.();
  }

  #keep(chunk: Buffer): void {
    const last = this.#chunks.at(-1);
    if (last === undefined || chunk.length >= roomForSmall) {
      this.#chunks.push(chunk);
      this.#spare = noBytes;
      return;
    }
    const fitting = chunk.copy(this.#spare);
    if (fitting > 0)
      this.#chunks[this.#chunks.length - 1] = Buffer.from(
        last.buffer,
        last.byteOffset,
        last.length + fitting,
      );
    this.#spare = this.#spare.subarray(fitting);
    if (fitting === chunk.length) return;
    const room = Buffer.allocUnsafeSlow(roomForSmall);
    const copied = chunk.copy(room, 0, fitting);
    this.#chunks.push(room.subarray(0, copied));
    this.#spare = room.subarray(copied);
  }

  #startClock(): void {
    this.#moved = 0;
    this.#lastMoved = performance.now();
  }

  /** What has come before the end is still there to be taken. */
  #end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Back-pressure: the peer is read from while less has come than is wanted or may be read ahead. */
  #steer(): void {
    const enough = this.#buffered >= Math.max(this.#wanted, readAhead);
    if (enough) this.#stream.pause();
    else if (this.#stream.isPaused()) this.#stream.resume();
  }

  async #until(length: number): Promise<void> {
    this.#wanted = length;
    this.#startClock();
    for (;;) {
      if (this.#interruption !== undefined) throw this.#interruption;
      if (this.#buffered >= length) break;
      if (this.#ended) throw new NbdError("NBD_CLIENT_GONE", "the client left without a goodbye");
      this.#steer();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = undefined;
    }
    this.#wanted = 0;
  }

  #shift(length: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length > length) {
      this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    return first?.length === length ? this.#shiftWhole(first) : this.#gather(length);
  }

  #shiftWhole(first: Buffer): Buffer {
    this.#chunks.shift();
    return first;
  }

  #gather(length: number): Buffer {
    const pieces: Buffer[] = [];
    let left = length;
    let used = 0;
    for (const chunk of this.#chunks) {
      if (left === 0) break;
      const piece = chunk.subarray(0, left);
      pieces.push(piece);
      left -= piece.length;
      if (piece.length < chunk.length) this.#chunks[used] = chunk.subarray(piece.length);
      else used++;
    }
    this.#chunks.splice(0, used);
    return Buffer.concat(pieces, length);
  }
}
