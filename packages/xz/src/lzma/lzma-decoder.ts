// The symbols of LZMA. "LZMA specification" by Igor Pavlov, "The main loop of decoder".
//
//   0                 literal
//   1 0               match: length, distance
//   1 1 0 0           one byte at the last distance
//   1 1 0 1           length, at the last distance
//   1 1 1 0           length, at the distance before
//   1 1 1 1 0/1       length, at the one before that, or at the fourth
import { CorruptData } from "../corrupt-data.ts";
import {
  afterLiteral,
  afterMatch,
  afterRep,
  afterShortRep,
  alignBits,
  distanceAlign,
  distanceLow,
  distanceSlots,
  evenProbability,
  firstMatchState,
  isMatch,
  isRep,
  isRep0,
  isRep0Long,
  isRep1,
  isRep2,
  lengthHigh,
  lengthLow,
  lengthMiddle,
  literalCoder,
  literals,
  matchLength,
  probabilityCount,
  type Properties,
  repLength,
  shortestMatch,
  slotBits,
} from "./model.ts";
import { RangeDecoder } from "./range-decoder.ts";

/** An LZMA2 chunk holds 64 KiB of code at most. */
const maxCodeLength = 65_536;
const mostContexts: Properties = { lc: 4, lp: 0, pb: 0 };
/** Shorter copies are not worth a call. */
const shortCopy = 32;

/** Where a chunk's bytes go, and what its matches may refer to. */
export interface Target {
  readonly bytes: Uint8Array;
  /** Where the chunk begins in `bytes`. */
  readonly start: number;
  readonly length: number;
  /** Bytes since the dictionary was reset, before the chunk. */
  readonly position: number;
  /** Longest distance that a match may have. */
  readonly dictionaryLength: number;
}

/** Decodes the LZMA chunks of one block, one after another. */
export class LzmaDecoder {
  readonly #probabilities = new Uint16Array(probabilityCount(mostContexts));
  readonly #coder = new RangeDecoder(this.#probabilities, maxCodeLength);
  #properties: Properties = { lc: 0, lp: 0, pb: 0 };
  #state = 0;
  #rep0 = 0;
  #rep1 = 0;
  #rep2 = 0;
  #rep3 = 0;

  /** Forgets all that was learnt, as a chunk may ask. */
  reset(properties: Properties = this.#properties): void {
    this.#properties = properties;
    this.#probabilities.fill(evenProbability);
    this.#state = 0;
    this.#rep0 = this.#rep1 = this.#rep2 = this.#rep3 = 0;
  }

  /** Decodes `code` to exactly the `target`. Does not keep either. @throws CorruptData. */
  decode(code: Uint8Array, target: Target): void {
    if (!this.#coder.start(code)) throw new CorruptData("an LZMA chunk does not begin as one");
    this.#decodeSymbols(target);
    if (!this.#coder.finished) throw new CorruptData("an LZMA chunk does not end where its code does");
  }

  #decodeSymbols({ bytes, start, length, position, dictionaryLength }: Target): void {
    const coder = this.#coder;
    const { lc, lp, pb } = this.#properties;
    const lpMask = (1 << lp) - 1;
    const pbMask = (1 << pb) - 1;
    const end = start + length;
    /** Turns an index of `bytes` into a count of bytes since the dictionary was reset. */
    const shift = position - start;
    let state = this.#state;
    for (let at = start; at < end;) {
      if (coder.overrun) throw new CorruptData("an LZMA chunk's code is too short for what it holds");
      const positionState = (at + shift) & pbMask;
      if (coder.bit(isMatch + (state << 4) + positionState) === 0) {
        const before = at + shift === 0 ? 0 : (bytes[at - 1] ?? 0);
        const context = (((at + shift) & lpMask) << lc) + (before >> (8 - lc));
        const base = literals + literalCoder * context;
        bytes[at] =
          state < firstMatchState
            ? coder.tree(base, 8)
            : coder.matchedLiteral(base, bytes[at - this.#rep0 - 1] ?? 0);
        state = afterLiteral(state);
        at++;
        continue;
      }
      let count: number;
      if (coder.bit(isRep + state) === 0) {
        count = this.#newMatch(positionState);
        state = afterMatch(state);
      } else {
        count = this.#repMatch(state, positionState);
        state = count === 1 ? afterShortRep(state) : afterRep(state);
      }
      if (this.#rep0 >= Math.min(at + shift, dictionaryLength) || count > end - at) {
        throw new CorruptData(`an LZMA match of ${count} bytes goes back ${this.#rep0 + 1} at ${at + shift}`);
      }
      copyMatch(bytes, at, this.#rep0 + 1, count);
      at += count;
    }
    this.#state = state;
  }

  /** Reads a match with a distance of its own, sets it - 1 as `#rep0`, and returns the length. */
  #newMatch(positionState: number): number {
    this.#rep3 = this.#rep2;
    this.#rep2 = this.#rep1;
    this.#rep1 = this.#rep0;
    const length = this.#length(matchLength, positionState);
    this.#rep0 = this.#distance(length);
    return length;
  }

  /** Reads a match at one of the last distances, which becomes `#rep0`, and returns the length: 1 for a short one. */
  #repMatch(state: number, positionState: number): number {
    const coder = this.#coder;
    if (coder.bit(isRep0 + state) === 1) this.#takeOlderDistance(state);
    else if (coder.bit(isRep0Long + (state << 4) + positionState) === 0) return 1;
    return this.#length(repLength, positionState);
  }

  /** Moves one of the older distances to the front. */
  #takeOlderDistance(state: number): void {
    const coder = this.#coder;
    let distance = this.#rep1;
    if (coder.bit(isRep1 + state) === 1) {
      distance = this.#rep2;
      if (coder.bit(isRep2 + state) === 1) {
        distance = this.#rep3;
        this.#rep3 = this.#rep2;
      }
      this.#rep2 = this.#rep1;
    }
    this.#rep1 = this.#rep0;
    this.#rep0 = distance;
  }

  #length(base: number, positionState: number): number {
    const coder = this.#coder;
    if (coder.bit(base) === 0) return shortestMatch + coder.tree(base + lengthLow + (positionState << 3), 3);
    if (coder.bit(base + 1) === 0) {
      return shortestMatch + 8 + coder.tree(base + lengthMiddle + (positionState << 3), 3);
    }
    return shortestMatch + 16 + coder.tree(base + lengthHigh, 8);
  }

  /** Reads a distance - 1. Its slot gives its two highest bits and the number of bits below. */
  #distance(length: number): number {
    const coder = this.#coder;
    const lengthClass = Math.min(length - shortestMatch, 3);
    const slot = coder.tree(distanceSlots + (lengthClass << 6), slotBits);
    if (slot < 4) return slot;
    const lowBits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) * 2 ** lowBits;
    if (slot < 14) return high + coder.reverseTree(distanceLow + high - slot, lowBits);
    const middle = coder.direct(lowBits - alignBits) * 2 ** alignBits;
    return high + middle + coder.reverseTree(distanceAlign, alignBits);
  }
}

/** Copies `count` bytes from `distance` before `at`; where the two overlap, the copied bytes are copied again. */
function copyMatch(bytes: Uint8Array, at: number, distance: number, count: number): void {
  const from = at - distance;
  if (distance === 1) bytes.fill(bytes[from] ?? 0, at, at + count);
  else if (count > shortCopy && distance >= count) bytes.copyWithin(at, from, from + count);
  else for (let index = 0; index < count; index++) bytes[at + index] = bytes[from + index] ?? 0;
}
