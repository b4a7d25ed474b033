// The range coder of LZMA, writing. "LZMA specification" by Igor Pavlov, "Range Coder".

const probabilityBits = 11;
const moveBits = 5;
/** A range below this has lost its highest byte. */
const smallestRange = 2 ** 24;

/** Writes bits by the probabilities that a decoder will have at the same place. */
export class RangeEncoder {
  readonly #bytes: number[] = [];
  /** Where the range begins; beyond 32 bits it carries into the bytes that are held back. */
  #low = 0;
  #range = 0xffff_ffff;
  #held = 0;
  #heldCount = 1;

  bit(probabilities: Uint16Array, index: number, bit: number): void {
    const probability = probabilities[index] ?? 0;
    const bound = (this.#range >>> probabilityBits) * probability;
    if (bit === 0) {
      this.#range = bound;
      probabilities[index] = probability + ((2 ** probabilityBits - probability) >>> moveBits);
    } else {
      this.#low += bound;
      this.#range -= bound;
      probabilities[index] = probability - (probability >>> moveBits);
    }
    while (this.#range < smallestRange) {
      this.#range *= 256;
      this.#shift();
    }
  }

  /** Writes the `bits` lowest bits of `value`, the highest first, each with the probability that the ones before choose. */
  tree(probabilities: Uint16Array, base: number, bits: number, value: number): void {
    let node = 1;
    for (let shift = bits - 1; shift >= 0; shift--) {
      const bit = (value >>> shift) & 1;
      this.bit(probabilities, base + node, bit);
      node = node * 2 + bit;
    }
  }

  /** Ends the code and returns it; a decoder that has read it whole has a code of zero. */
  finish(): Uint8Array {
    for (let count = 0; count < 5; count++) this.#shift();
    return Uint8Array.from(this.#bytes);
  }

  #shift(): void {
    if (this.#low < 0xff00_0000 || this.#low >= 2 ** 32) {
      const carry = this.#low >= 2 ** 32 ? 1 : 0;
      for (; this.#heldCount > 0; this.#heldCount--) {
        this.#bytes.push((this.#held + carry) & 0xff);
        this.#held = 0xff;
      }
      this.#held = (this.#low >>> 24) & 0xff;
    }
    this.#heldCount++;
    this.#low = (this.#low % smallestRange) * 256;
  }
}
