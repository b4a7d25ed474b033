import type { Duplex } from "node:stream";
import { leastMove } from "./limits.ts";

/** What goes to a peer: replies, each whole before the next. */
export class PeerOutput {
  readonly #stream: Duplex;
  #last: Promise<void> = Promise.resolve();
  #owing = false;
  #lastMoved = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** Whether there is something that the system has not taken yet. */
  get owing(): boolean {
    return this.#owing;
  }

  /** When the peer last took {@link leastMove}, or all that it was owed, or began to be owed something. */
  get lastMoved(): number {
    return this.#lastMoved;
  }

  /**
   * Sends `pieces` one after the other, without copying them, and resolves when they are in the system's hands, or when
   * there is nobody to send to any more: whoever reads next learns of that.
   */
  async send(pieces: readonly Uint8Array[]): Promise<void> {
    const sending = this.#sendAfter(this.#last, pieces);
    this.#last = sending;
    await sending;
  }

  async #sendAfter(before: Promise<void>, pieces: readonly Uint8Array[]): Promise<void> {
    await before;
    for (const vector of vectorsOf(pieces)) {
      this.#owing = true;
      this.#lastMoved = performance.now();
      await this.#write(vector);
      this.#owing = false;
      this.#lastMoved = performance.now();
    }
  }

  /** One vector, so that a header goes with its data. */
  async #write(vector: readonly Uint8Array[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.cork();
    for (const [index, piece] of vector.entries()) {
      if (index < vector.length - 1) this.#stream.write(piece);
      else this.#stream.write(piece, () => resolve());
    }
    this.#stream.uncork();
    await promise;
  }
}

/** A long piece in parts, so that it shows whether it is being taken; what is short goes with the first of them. */
function* vectorsOf(pieces: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let vector: Uint8Array[] = [];
  for (const piece of pieces) {
    vector.push(piece.subarray(0, leastMove));
    for (let from = leastMove; from < piece.length; from += leastMove) {
      yield vector;
      vector = [piece.subarray(from, from + leastMove)];
    }
  }
  yield vector;
}
