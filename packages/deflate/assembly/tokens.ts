// What the parser finds, in order, until a block of it is written.
//
//   token   literal, or 256 and length less 3: 9 bits | distance symbol: 5 bits | distance extra bits: 13 bits
//
// A literal has a distance symbol too, one that takes no bits: so both are written in one way, without a branch that
// nobody can predict.
import { distanceSymbol, firstDistance, leastValue, lengthSymbol, symbolCount } from "./symbols";

export const lengthShift: u32 = 18;
export const distanceShift: u32 = 13;
/** The symbol behind the distances. */
const noDistance: u32 = 31 << distanceShift;

/** A block ends after so many at the latest: more would only push everything else out of the cache. */
export const blockTokens: u32 = 1 << 15;
/** After so many it is asked whether a new block should begin. */
export const chunkTokens: u32 = 1 << 10;
/** The parser looks at the end of a chunk only between matches. */
const overshoot: u32 = 1 << 9;

export const tokens: usize = memory.data(4 * (blockTokens + chunkTokens + overshoot), 64);
/** How often each symbol occurs in the chunk under way, u32. */
export const chunkFrequencies: usize = memory.data(4 * symbolCount, 16);

/** These two put a token at `at` and return where the next one goes. */
@inline
export function putLiteral(at: usize, literal: u32): usize {
  store<u32>(at, (literal << lengthShift) | noDistance);
  count(literal);
  return at + 4;
}

@inline
export function putMatch(at: usize, length: u32, distance: u32): usize {
  const lengthLess3 = length - 3;
  const distanceLess1 = distance - 1;
  const symbol = distanceSymbol(distanceLess1);
  const extra = distanceLess1 - <u32>load<u16>(leastValue + (symbol << 1));
  store<u32>(at, ((256 + lengthLess3) << lengthShift) | ((<u32>symbol - firstDistance) << distanceShift) | extra);
  count(lengthSymbol(lengthLess3));
  count(symbol);
  return at + 4;
}

@inline
function count(symbol: usize): void {
  const at = chunkFrequencies + (symbol << 2);
  store<u32>(at, load<u32>(at) + 1);
}
