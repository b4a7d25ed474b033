// The range coder of LZMA, reading. "LZMA specification" by Igor Pavlov, "Range Coder".
//
// `range` and `code` are unsigned 32-bit numbers, kept as signed ones: so they stay small integers for the engine.

/** The first byte of a code is zero, and four bytes of code follow. */
const startLength = 5;
/** More than one symbol can take: each of at most 48 bits takes one byte at most. */
export const slackLength = 64;

/** Reads bits by probabilities, from a code of at most `capacity` bytes. */
export class RangeDecoder {
  /** The code, and behind it {@link slackLength} bytes of anything, that a damaged code may run into. */
  readonly #input: Uint8Array;
  readonly #probabilities: Uint16Array;
  #at = 0;
  #end = 0;
  #range = 0;
  #code = 0;

  constructor(probabilities: Uint16Array, capacity: number) {
    this.#probabilities = probabilities;
    this.#input = new Uint8Array(capacity + slackLength);
  }

  /** Begins a code. Returns false for bytes that cannot be one. Copies them. */
  start(code: Uint8Array): boolean {
    this.#input.set(code);
    this.#at = startLength;
    this.#end = code.length;
    this.#range = -1;
    const view = new DataView(this.#input.buffer);
    this.#code = view.getInt32(1);
    return code.length >= startLength && code[0] === 0;
  }

  /** Whether more was read than there is: to be asked once a symbol at least. */
  get overrun(): boolean {
    return this.#at > this.#end;
  }

  /** Whether the code was read whole, and ended as an encoder ends it. */
  get finished(): boolean {
    return this.#at === this.#end && this.#code === 0;
  }

  bit(index: number): number {
    const probability = this.#probabilities[index] ?? 0;
    const bound = Math.imul(this.#range >>> 11, probability);
    let bit = 0;
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2048 - probability) >>> 5);
    } else {
      this.#range = (this.#range - bound) | 0;
      this.#code = (this.#code - bound) | 0;
      this.#probabilities[index] = probability - (probability >>> 5);
      bit = 1;
    }
    if (this.#range >>> 24 === 0) {
      this.#range <<= 8;
      this.#code = (this.#code << 8) | (this.#input[this.#at++] ?? 0);
    }
    return bit;
  }

  /** Reads `bits` bits, the highest first, each with the probability that the ones before choose. */
  tree(base: number, bits: number): number {
    // Its own copy of `bit` on local variables: here most of the time is spent.
    const probabilities = this.#probabilities;
    const input = this.#input;
    let at = this.#at;
    let range = this.#range;
    let code = this.#code;
    let node = 1;
    for (let count = bits; count > 0; count--) {
      const index = base + node;
      const probability = probabilities[index] ?? 0;
      const bound = Math.imul(range >>> 11, probability);
      if (code >>> 0 < bound >>> 0) {
        range = bound;
        probabilities[index] = probability + ((2048 - probability) >>> 5);
        node <<= 1;
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        probabilities[index] = probability - (probability >>> 5);
        node = (node << 1) | 1;
      }
      if (range >>> 24 === 0) {
        range <<= 8;
        code = (code << 8) | (input[at++] ?? 0);
      }
    }
    this.#at = at;
    this.#range = range;
    this.#code = code;
    return node - (1 << bits);
  }

  /** Reads a literal that follows a match: `matchByte`, at the last distance, chooses the probabilities as long as it agrees. */
  matchedLiteral(base: number, matchByte: number): number {
    const probabilities = this.#probabilities;
    const input = this.#input;
    let at = this.#at;
    let range = this.#range;
    let code = this.#code;
    let node = 1;
    let agrees = 0x100;
    for (let rest = matchByte << 1; node < 0x100; rest <<= 1) {
      const matchBit = rest & agrees;
      const index = base + agrees + matchBit + node;
      const probability = probabilities[index] ?? 0;
      const bound = Math.imul(range >>> 11, probability);
      if (code >>> 0 < bound >>> 0) {
        range = bound;
        probabilities[index] = probability + ((2048 - probability) >>> 5);
        node <<= 1;
        agrees &= ~matchBit;
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        probabilities[index] = probability - (probability >>> 5);
        node = (node << 1) | 1;
        agrees &= matchBit;
      }
      if (range >>> 24 === 0) {
        range <<= 8;
        code = (code << 8) | (input[at++] ?? 0);
      }
    }
    this.#at = at;
    this.#range = range;
    this.#code = code;
    return node & 0xff;
  }

  /** As {@link tree}, but the lowest bit comes first. */
  reverseTree(base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let shift = 0; shift < bits; shift++) {
      const bit = this.bit(base + node);
      node = (node << 1) | bit;
      value |= bit << shift;
    }
    return value;
  }

  /** Reads `bits` bits, up to 26, of even probability. */
  direct(bits: number): number {
    let value = 0;
    for (let count = bits; count > 0; count--) {
      this.#range >>>= 1;
      const bit = this.#code >>> 0 < this.#range ? 0 : 1;
      if (bit === 1) this.#code = (this.#code - this.#range) | 0;
      value = (value << 1) | bit;
      if (this.#range >>> 24 === 0) {
        this.#range <<= 8;
        this.#code = (this.#code << 8) | (this.#input[this.#at++] ?? 0);
      }
    }
    return value;
  }
}
