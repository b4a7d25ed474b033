// Logarithms by table, so that costs in bits can be estimated with integers alone, alike on every machine.

/** Costs count in parts of a bit. */
export const costUnit: u32 = 256;
const costShift: u32 = 8;

const tabled: u32 = 4096;
const table: usize = memory.data(4 * tabled, 16);

/** log2 of `value`, in 256ths, rounded down; of what is beyond the table, from its upper bits. `value` is 1 at least. */
@inline
export function log2(value: u32): u32 {
  if (value < tabled) return load<u32>(table + (value << 2));
  const over: u32 = 20 - clz(value);
  return load<u32>(table + ((value >> over) << 2)) + (over << costShift);
}

/** Bit by bit: squaring doubles a logarithm, and what overflows is its next bit. */
function exactLog2(value: u32): u32 {
  const whole: u32 = 31 - clz(value);
  let mantissa = <u64>value << (31 - whole);
  let fraction: u32 = 0;
  for (let bit: u32 = 0; bit < costShift; bit++) {
    mantissa = (mantissa * mantissa) >> 31;
    const carry = <u32>(mantissa >> 32);
    fraction = (fraction << 1) | carry;
    mantissa >>= carry;
  }
  return (whole << costShift) | fraction;
}

function setTable(): void {
  for (let value: u32 = 1; value < tabled; value++) store<u32>(table + (value << 2), exactLog2(value));
}

setTable();
