// Polynomials over GF(2) modulo a 64-bit CRC polynomial, reflected: bit 63 is the coefficient of x^0.
import type { Field } from "./field.ts";

const one = 1n << 63n;
const allOnes = (1n << 64n) - 1n;

/** The arithmetic of a reflected 64-bit polynomial such as 0xC96C5795D7870F42. */
export function field64(polynomial: bigint): Field<bigint> {
  return {
    one,
    x: one >> 1n,
    inverseOfX: (((one ^ polynomial) << 1n) | 1n) & allOnes,
    allOnes,
    add: (a, b) => a ^ b,
    multiply: (a, b) => multiply(polynomial, a, b),
  };
}

// In two 32-bit halves: a bigint a step is some forty times slower, and stamping multiplies a few hundred times.
function multiply(polynomial: bigint, a: bigint, b: bigint): bigint {
  const polynomialHigh = high(polynomial);
  const polynomialLow = low(polynomial);
  let productHigh = 0;
  let productLow = 0;
  let shiftedHigh = high(b);
  let shiftedLow = low(b);
  for (const half of [high(a), low(a)]) {
    for (let bit = 31; bit >= 0; bit--) {
      const take = -((half >>> bit) & 1);
      productHigh ^= shiftedHigh & take;
      productLow ^= shiftedLow & take;
      const carry = -(shiftedLow & 1);
      shiftedLow = ((shiftedLow >>> 1) | (shiftedHigh << 31)) ^ (polynomialLow & carry);
      shiftedHigh = (shiftedHigh >>> 1) ^ (polynomialHigh & carry);
    }
  }
  return (BigInt(productHigh >>> 0) << 32n) | BigInt(productLow >>> 0);
}

function high(value: bigint): number {
  return Number(value >> 32n) | 0;
}

function low(value: bigint): number {
  return Number(value & 0xffff_ffffn) | 0;
}
