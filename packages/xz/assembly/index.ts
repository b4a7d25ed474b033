// The LZMA decoder of @bootstamp/xz, in AssemblyScript; ../build/compile-decoder.ts makes WebAssembly of it.
//
// The symbols of LZMA. "LZMA specification" by Igor Pavlov, "The main loop of decoder".
//
//   0                 literal
//   1 0               match: length, distance
//   1 1 0 0           one byte at the last distance
//   1 1 0 1           length, at the last distance
//   1 1 1 0           length, at the distance before
//   1 1 1 1 0/1       length, at the one before that, or at the fourth
import {
  afterLiteral,
  afterMatch,
  afterRep,
  afterShortRep,
  distanceAlign,
  distanceLow,
  distanceSlots,
  firstMatchState,
  forgetProbabilities,
  isMatch,
  isRep,
  isRep0,
  isRep0Long,
  isRep1,
  isRep2,
  lengthHigh,
  lengthLow,
  lengthMiddle,
  literalLength,
  literals,
  matchLength,
  repLength,
} from "./model";
import {
  at,
  bit,
  direct,
  finishedCode,
  input,
  matchedLiteral,
  overran,
  reverseTree,
  startCode,
  tree,
} from "./range-decoder";

/** What a chunk comes to. */
const good: i32 = 0;
const badStart: i32 = 1;
const tooShort: i32 = 2;
const badMatch: i32 = 3;
const badEnd: i32 = 4;

const shortestMatch: u32 = 2;

let lc: u32 = 0;
let lpMask: u32 = 0;
let pbMask: u32 = 0;
let state: u32 = 0;
/** Distances - 1 of the last matches. */
let rep0: u32 = 0;
let rep1: u32 = 0;
let rep2: u32 = 0;
let rep3: u32 = 0;

/** Where the host puts a chunk's code. */
export function inputOffset(): usize {
  return input;
}

/** Where the window begins, that the host lets grow behind it. */
export function windowOffset(): usize {
  return (__heap_base + 63) & ~63;
}

/** Takes other properties, as a chunk may bring them. */
export function setProperties(newLc: u32, lp: u32, pb: u32): void {
  lc = newLc;
  lpMask = (1 << lp) - 1;
  pbMask = (1 << pb) - 1;
}

/** Forgets all that was learnt, as a chunk may ask. */
export function reset(): void {
  forgetProbabilities();
  state = 0;
  rep0 = rep1 = rep2 = rep3 = 0;
}

/**
 * Decodes a chunk's code of `codeLength` bytes to exactly the bytes from `start` to `end`. Matches may go back to
 * `position` bytes before `start`, or `dictionaryLength`. Returns `good`, or what is wrong.
 */
export function decode(
  codeLength: i32,
  start: usize,
  end: usize,
  position: u32,
  dictionaryLength: u32,
): i32 {
  if (!startCode(codeLength)) return badStart;
  const fault = decodeSymbols(start, end, position, dictionaryLength);
  if (fault != good) return fault;
  return finishedCode() ? good : badEnd;
}

function decodeSymbols(start: usize, end: usize, position: u32, dictionaryLength: u32): i32 {
  /** Turns an address into a count of bytes since the dictionary was reset. */
  const shift = position - <u32>start;
  let target = start;
  while (target < end) {
    if (overran(at)) return tooShort;
    const count = <u32>target + shift;
    const positionState = count & pbMask;
    if (bit(isMatch + <usize>(((state << 4) + positionState) << 1)) == 0) {
      const before: u32 = count == 0 ? 0 : load<u8>(target - 1);
      const context = ((count & lpMask) << lc) + (before >> (8 - lc));
      const base = literals + literalLength * <usize>context;
      store<u8>(
        target,
        state < firstMatchState
          ? tree(base, 8)
          : matchedLiteral(base, load<u8>(target - <usize>rep0 - 1)),
      );
      state = afterLiteral(state);
      target++;
      continue;
    }
    let length: u32;
    if (bit(isRep + <usize>(state << 1)) == 0) {
      length = newMatch(positionState);
      state = afterMatch(state);
    } else {
      length = repMatch(positionState);
      state = length == 1 ? afterShortRep(state) : afterRep(state);
    }
    if (rep0 >= min(count, dictionaryLength) || <usize>length > end - target) return badMatch;
    copyMatch(target, <usize>rep0 + 1, length);
    target += <usize>length;
  }
  return good;
}

/** Reads a match with a distance of its own, and returns the length. */
function newMatch(positionState: u32): u32 {
  rep3 = rep2;
  rep2 = rep1;
  rep1 = rep0;
  const length = readLength(matchLength, positionState);
  rep0 = readDistance(length);
  return length;
}

/** Reads a match at one of the last distances, and returns the length: 1 for a short one. */
function repMatch(positionState: u32): u32 {
  if (bit(isRep0 + <usize>(state << 1)) == 1) takeOlderDistance();
  else if (bit(isRep0Long + <usize>(((state << 4) + positionState) << 1)) == 0) return 1;
  return readLength(repLength, positionState);
}

/** Moves one of the older distances to the front. */
function takeOlderDistance(): void {
  let distance = rep1;
  if (bit(isRep1 + <usize>(state << 1)) == 1) {
    distance = rep2;
    if (bit(isRep2 + <usize>(state << 1)) == 1) {
      distance = rep3;
      rep3 = rep2;
    }
    rep2 = rep1;
  }
  rep1 = rep0;
  rep0 = distance;
}

function readLength(base: usize, positionState: u32): u32 {
  const place = <usize>(positionState << 4);
  if (bit(base) == 0) return shortestMatch + tree(base + lengthLow + place, 3);
  if (bit(base + 2) == 0) return shortestMatch + 8 + tree(base + lengthMiddle + place, 3);
  return shortestMatch + 16 + tree(base + lengthHigh, 8);
}

/** Reads a distance - 1. Its slot gives its two highest bits and the number of bits below. */
function readDistance(length: u32): u32 {
  const lengthClass = min(length - shortestMatch, 3);
  const slot = tree(distanceSlots + <usize>(lengthClass << 7), 6);
  if (slot < 4) return slot;
  const lowBits = (slot >> 1) - 1;
  const high = (2 | (slot & 1)) << lowBits;
  if (slot < 14) return high + reverseTree(distanceLow + <usize>((high - slot) << 1), lowBits);
  const middle = direct(lowBits - 4) << 4;
  return high + middle + reverseTree(distanceAlign, 4);
}

/** Copies `length` bytes from `distance` before; where the two overlap, the copied bytes are copied again. */
function copyMatch(target: usize, distance: usize, length: u32): void {
  if (distance == 1) {
    memory.fill(target, load<u8>(target - 1), length);
    return;
  }
  const end = target + <usize>length;
  if (distance >= 8) {
    for (; target + 8 <= end; target += 8) store<u64>(target, load<u64>(target - distance));
  }
  for (; target < end; target++) store<u8>(target, load<u8>(target - distance));
}
