// Polynomials over GF(2) modulo a 32-bit CRC polynomial, reflected: bit 31 is the coefficient of x^0.
import type { Field } from "./field.ts";

/** x^0. */
const one = 0x8000_0000;

/** The arithmetic of a reflected 32-bit polynomial such as 0xEDB88320. */
export function field32(polynomial: number): Field<number> {
  return {
    one,
    x: one >>> 1,
    inverseOfX: (((one ^ polynomial) << 1) | 1) >>> 0,
    allOnes: 0xffff_ffff,
    add: (a, b) => (a ^ b) >>> 0,
    multiply: (a, b) => multiply(polynomial, a, b),
  };
}

function multiply(polynomial: number, a: number, b: number): number {
  let product = 0;
  let shifted = b;
  // Branch-free: which bits of `a` are set is as good as random, and mispredicted branches cost most of the time.
  for (let bit = 31; bit >= 0; bit--) {
    product ^= shifted & -((a >>> bit) & 1);
    shifted = (shifted >>> 1) ^ (polynomial & -(shifted & 1));
  }
  return product >>> 0;
}
