// What each symbol will cost, judged by the block so far: for telling whether a short match is worth its distance.
import { costUnit, log2 } from "./log2";
import { distanceSymbol, extraBits, firstDistance, lengthSymbol, symbolCount } from "./symbols";

/** By symbol, u32, in 256ths of a bit. */
const costs: usize = memory.data(4 * symbolCount, 16);

const firstLiteralCost: u32 = 7 * costUnit;
const firstMatchCost: u32 = 5 * costUnit;

/** Before anything is known. */
export function startCosts(): void {
  for (let symbol: i32 = 0; symbol < symbolCount; symbol++)
    store<u32>(costs + (symbol << 2), symbol < 256 ? firstLiteralCost : firstMatchCost);
}

/** As a code for `frequencies` would come to; every symbol counts once more than it occurred. */
export function setCosts(frequencies: usize): void {
  setCostsOf(frequencies, 0, firstDistance);
  setCostsOf(frequencies, firstDistance, symbolCount);
}

function setCostsOf(frequencies: usize, first: i32, end: i32): void {
  let total: u32 = end - first;
  for (let symbol = first; symbol < end; symbol++) total += load<u32>(frequencies + (symbol << 2));
  const whole = log2(total);
  for (let symbol = first; symbol < end; symbol++)
    store<u32>(costs + (symbol << 2), whole - log2(load<u32>(frequencies + (symbol << 2)) + 1));
}

/** Whether a match of the bytes at `at` costs less than they do as literals. */
@inline
export function isWorthIt(at: usize, length: u32, distance: u32): bool {
  const symbol = distanceSymbol(distance - 1);
  const asMatch =
    load<u32>(costs + (lengthSymbol(length - 3) << 2)) +
    load<u32>(costs + (symbol << 2)) +
    <u32>load<u8>(extraBits + symbol) * costUnit;
  let asLiterals: u32 = 0;
  for (let index: u32 = 0; index < length; index++)
    asLiterals += load<u32>(costs + (<usize>load<u8>(at + index) << 2));
  return asMatch < asLiterals;
}
