// The probability model of LZMA: one 11-bit probability for each decision that a symbol's bits may take.
// "LZMA specification" by Igor Pavlov (lzma-specification.txt, in the public domain), "The main loop of decoder".
//
// All probabilities of an encoder lie in one array, in the order of the constants here. The decoder, in ../../assembly, has
// its own.

export const stateCount = 12;
/** The lowest four bits of the position may choose a probability, with pb = 4. */
const positionStates = 16;
/** A probability of one half, which every decision starts from. */
export const evenProbability = 1024;

export const isMatch = 0;
export const isRep: number = isMatch + stateCount * positionStates;
export const isRep0: number = isRep + stateCount;
export const isRep1: number = isRep0 + stateCount;
export const isRep2: number = isRep1 + stateCount;
export const isRep0Long: number = isRep2 + stateCount;

/** The length coders: two choices, then 8 low and 8 middle lengths for each position state, and 256 high ones. */
export const lengthLow = 2;
const lengthMiddle: number = lengthLow + positionStates * 8;
export const lengthHigh: number = lengthMiddle + positionStates * 8;
const lengthCoder: number = lengthHigh + 256;
const matchLength: number = isRep0Long + stateCount * positionStates;
export const repLength: number = matchLength + lengthCoder;

/** Slots of a distance, 64 for each of four length classes. */
const distanceSlots: number = repLength + lengthCoder;
/** For slots 4..13 the bits below the two highest: 128 - 14 of them, and one that is not used. */
const distanceLow: number = distanceSlots + 4 * 64;
const distanceAlign: number = distanceLow + 128 - 14 + 1;

/** 0x300 for each context of a literal: the bits before it that lc and lp choose. */
export const literals: number = distanceAlign + 16;
const literalCoder = 0x300;

export const longestMatch = 273;

/** Of all decisions, where a literal has no context: properties 0. */
export const probabilityCount: number = literals + literalCoder;

/** LZMA's twelve states tell the kinds of the last symbols. Below this one, the last symbol was a literal. */
const firstMatchState = 7;

export function afterRep(state: number): number {
  return state < firstMatchState ? 8 : 11;
}

export function afterShortRep(state: number): number {
  return state < firstMatchState ? 9 : 11;
}
