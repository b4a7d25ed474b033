import { PowersOfTwo, type Field } from "./field.ts";

/** Continues the CRC `previous` (of what came before; that of nothing is 0) over `bytes`. */
export type Checksum<V> = (bytes: Uint8Array, previous: V) => V;

/**
 * One CRC and its algebra. Every model here is reflected, with all ones as initial value and final exclusive-or, so
 * the CRC of no bytes is 0 and the two cancel out of every law below.
 *
 * Lengths are bytes, safe integers from 0; anything else throws `RangeError`. A law costs O(log length).
 */
export class Crc<V extends number | bigint> {
  readonly name: string;
  /** Bytes that hold one value. */
  readonly byteLength: number;
  /** The CRC of no bytes. */
  readonly empty: V;
  readonly #field: Field<V>;
  readonly #checksum: Checksum<V>;
  readonly #forward: PowersOfTwo<V>;
  readonly #backward: PowersOfTwo<V>;

  constructor(name: string, byteLength: number, field: Field<V>, checksum: Checksum<V>) {
    this.name = name;
    this.byteLength = byteLength;
    this.empty = field.add(field.one, field.one);
    this.#field = field;
    this.#checksum = checksum;
    this.#forward = new PowersOfTwo(field, field.x);
    this.#backward = new PowersOfTwo(field, field.inverseOfX);
  }

  /** The CRC of `bytes`, or of all that `previous` is the CRC of, followed by `bytes`. Cost in proportion to `bytes`. */
  of(bytes: Uint8Array, previous: V = this.empty): V {
    return this.#checksum(bytes, previous);
  }

  /** The CRC of `length` zero bytes. */
  zeros(length: number): V {
    const { allOnes } = this.#field;
    return this.#field.add(this.#shift(allOnes, length), allOnes);
  }

  /** The CRC of A followed by B, from `crcA`, `crcB` and the length of B. */
  combine(crcA: V, crcB: V, lengthOfB: number): V {
    return this.#field.add(this.#shift(crcA, lengthOfB), crcB);
  }

  /** The CRC of B, from that of A followed by B, that of A, and the length of B. */
  suffix(whole: V, crcA: V, lengthOfB: number): V {
    return this.#field.add(whole, this.#shift(crcA, lengthOfB));
  }

  /** The CRC of A, from that of A followed by B, that of B, and the length of B. */
  prefix(whole: V, crcB: V, lengthOfB: number): V {
    const shifted = this.#field.add(whole, crcB);
    return this.#field.multiply(shifted, this.#backward.ofBytes(checkedLength(lengthOfB)));
  }

  /**
   * The CRC of a whole in which one run of bytes was replaced by another of the same length.
   *
   * @param whole the CRC before.
   * @param before the CRC of the replaced bytes alone.
   * @param after the CRC of the new bytes alone.
   * @param tailLength how many bytes follow the run in the whole.
   */
  patch(whole: V, before: V, after: V, tailLength: number): V {
    return this.#field.add(whole, this.#shift(this.#field.add(before, after), tailLength));
  }

  #shift(crc: V, length: number): V {
    return this.#field.multiply(crc, this.#forward.ofBytes(checkedLength(length)));
  }
}

function checkedLength(length: number): number {
  if (!Number.isSafeInteger(length) || length < 0) throw new RangeError(`not a length in bytes: ${length}`);
  return length;
}
