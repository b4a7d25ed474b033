// The probability model of LZMA: one 11-bit probability for each decision that a symbol's bits may take, two bytes each.
// "LZMA specification" by Igor Pavlov (lzma-specification.txt, in the public domain), "The main loop of decoder".
//
// All probabilities lie in one run of memory; the constants here are where each kind of them begins, in bytes.

const stateCount: usize = 12;
/** The lowest four bits of the position may choose a probability, with pb = 4. */
const positionStates: usize = 16;
const width: usize = 2;
/** A probability of one half, which every decision starts from. */
const even: u16 = 1024;

/** 0x300 for each context of a literal: the bits before it that lc and lp choose, four in LZMA2. */
const literalCount: usize = 0x300;
const mostContexts: usize = 16;

const matchCount: usize = stateCount * positionStates;
/** Two choices, then 8 low and 8 middle lengths for each position state, and 256 high ones. */
const lengthCount: usize = 2 + 2 * 8 * positionStates + 256;
/** 64 for each of four length classes. */
const slotCount: usize = 4 * 64;
/** For slots 4..13 the bits below the two highest: 128 - 14 of them, and one that is not used. */
const lowCount: usize = 128 - 14 + 1;

const total: usize =
  2 * matchCount + 4 * stateCount + 2 * lengthCount + slotCount + lowCount + 16 + literalCount * mostContexts;
const probabilities: usize = memory.data(<i32>(total * width), 64);

export const isMatch: usize = probabilities;
export const isRep: usize = isMatch + matchCount * width;
export const isRep0: usize = isRep + stateCount * width;
export const isRep1: usize = isRep0 + stateCount * width;
export const isRep2: usize = isRep1 + stateCount * width;
export const isRep0Long: usize = isRep2 + stateCount * width;
export const matchLength: usize = isRep0Long + matchCount * width;
export const repLength: usize = matchLength + lengthCount * width;
export const distanceSlots: usize = repLength + lengthCount * width;
export const distanceLow: usize = distanceSlots + slotCount * width;
export const distanceAlign: usize = distanceLow + lowCount * width;
export const literals: usize = distanceAlign + 16 * width;

/** Within a length coder. */
export const lengthLow: usize = 2 * width;
export const lengthMiddle: usize = lengthLow + 8 * positionStates * width;
export const lengthHigh: usize = lengthMiddle + 8 * positionStates * width;
export const literalLength: usize = literalCount * width;

export function forgetProbabilities(): void {
  for (let index: usize = 0; index < total; index++) store<u16>(probabilities + index * width, even);
}

/** LZMA's twelve states tell the kinds of the last symbols. Below this one, the last symbol was a literal. */
export const firstMatchState: u32 = 7;

@inline
export function afterLiteral(state: u32): u32 {
  return state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
}

@inline
export function afterMatch(state: u32): u32 {
  return state < firstMatchState ? 7 : 10;
}

@inline
export function afterRep(state: u32): u32 {
  return state < firstMatchState ? 8 : 11;
}

@inline
export function afterShortRep(state: u32): u32 {
  return state < firstMatchState ? 9 : 11;
}
