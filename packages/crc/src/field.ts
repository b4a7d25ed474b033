/**
 * Arithmetic of polynomials over GF(2) modulo a CRC's polynomial, in reflected form (the highest bit is x^0).
 *
 * `V` is what holds one polynomial: `number` up to 32 bits, `bigint` for 64.
 */
export interface Field<V> {
  readonly one: V;
  readonly x: V;
  /** The polynomial that times x is one; it exists because a CRC's polynomial has the term x^0. */
  readonly inverseOfX: V;
  readonly allOnes: V;
  add(a: V, b: V): V;
  multiply(a: V, b: V): V;
}

/** Raises `base` to 2^0, 2^1, 2^2, ... as needed, and keeps them. */
export class PowersOfTwo<V> {
  readonly #field: Field<V>;
  readonly #powers: V[];

  constructor(field: Field<V>, base: V) {
    this.#field = field;
    this.#powers = [base];
  }

  /**
   * The base to the power `8 * byteCount`, for any safe integer from 0.
   *
   * zlib keeps 32 powers and wraps around, which is right only where x^(2^32) is x: so for CRC-32 (and, with 64, for
   * CRC-64/NVME), and wrong for CRC-32C and CRC-64/XZ. So the table grows with the length and never wraps.
   */
  ofBytes(byteCount: number): V {
    let product = this.#field.one;
    let exponent = 3;
    for (let rest = byteCount; rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) product = this.#field.multiply(product, this.#power(exponent));
      exponent++;
    }
    return product;
  }

  #power(exponent: number): V {
    for (let last = this.#powers.length - 1; last < exponent; last++) {
      const power = this.#powers[last] ?? this.#field.one;
      this.#powers.push(this.#field.multiply(power, power));
    }
    return this.#powers[exponent] ?? this.#field.one;
  }
}
