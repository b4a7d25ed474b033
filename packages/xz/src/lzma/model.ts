// The probability model of LZMA: one 11-bit probability for each decision that a symbol's bits may take.
// "LZMA specification" by Igor Pavlov (lzma-specification.txt, in the public domain), "The main loop of decoder".
//
// All of a decoder's probabilities lie in one array, in the order of the constants here.

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
export const lengthMiddle: number = lengthLow + positionStates * 8;
export const lengthHigh: number = lengthMiddle + positionStates * 8;
const lengthCoder: number = lengthHigh + 256;
export const matchLength: number = isRep0Long + stateCount * positionStates;
export const repLength: number = matchLength + lengthCoder;

/** Slots of a distance, 64 for each of four length classes. */
export const distanceSlots: number = repLength + lengthCoder;
export const slotBits = 6;
/** For slots 4..13 the bits below the two highest: 128 - 14 of them, and one that is not used. */
export const distanceLow: number = distanceSlots + 4 * 64;
export const alignBits = 4;
export const distanceAlign: number = distanceLow + 128 - 14 + 1;

/** 0x300 for each context of a literal: the bits before it that lc and lp choose. */
export const literals: number = distanceAlign + 16;
export const literalCoder = 0x300;

export const shortestMatch = 2;
export const longestMatch = 273;

/** The three numbers of a properties byte: (pb * 5 + lp) * 9 + lc. */
export interface Properties {
  /** How many high bits of the byte before choose a literal's context. */
  readonly lc: number;
  /** How many low bits of the position choose a literal's context. */
  readonly lp: number;
  /** How many low bits of the position choose the probabilities of everything else. */
  readonly pb: number;
}

/** Undefined for a byte that stands for none, or for more contexts than LZMA2 allows (lc + lp up to 4). */
export function parseProperties(byte: number): Properties | undefined {
  const lc = byte % 9;
  const lp = Math.floor(byte / 9) % 5;
  const pb = Math.floor(byte / 45);
  return pb > 4 || lc + lp > 4 ? undefined : { lc, lp, pb };
}

export function probabilityCount({ lc, lp }: Properties): number {
  return literals + literalCoder * 2 ** (lc + lp);
}

/** LZMA's twelve states tell the kinds of the last symbols. Below this one, the last symbol was a literal. */
export const firstMatchState = 7;

export function afterLiteral(state: number): number {
  return state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
}

export function afterMatch(state: number): number {
  return state < firstMatchState ? 7 : 10;
}

export function afterRep(state: number): number {
  return state < firstMatchState ? 8 : 11;
}

export function afterShortRep(state: number): number {
  return state < firstMatchState ? 9 : 11;
}
