// Cuts the raw bytes into literals and matches, and has them written.
//
// A match is not taken before the next byte was asked whether a longer one begins there ("lazy"). Short matches are
// taken only where they cost less than literals.
import { raw } from "./buffers";
import { chunkTokensStart, endBlocks, endChunk } from "./block-split";
import { isWorthIt } from "./costs";
import { addPlace, findMatch, hashedLength, matchDistance, matchLength } from "./match-rows";
import { longestMatch } from "./symbols";
import { chunkTokens, putLiteral, putMatch, tokens } from "./tokens";

/** A match up to here is held against literals; a longer one always wins. */
const short: u32 = 4;
/** Where nothing matched for 2^9 bytes, every second place is looked at, after twice that every third, and so on. */
const patienceBits: u32 = 9;
const longestStep: u32 = 16;

/** Parses and writes `length` bytes. See levels.ts of this package for what the others mean. */
export function parse(length: i32, depth: i32, lazyBelow: u32, enough: i32): void {
  const end = raw + length;
  // From here on there are too few bytes for a hash.
  const hashEnd = max(end - hashedLength + 1, raw);
  let token = tokens;
  let at = raw;
  let matchEnd = raw;
  while (at < hashEnd) {
    if (token - chunkTokensStart >= 4 * chunkTokens) token = endChunk(token, at);
    let match = findMatch(at, 0, longest(at, end), depth, enough);
    if (matchLength(match) <= short && (match === 0 || !isWorthIt(at, matchLength(match), matchDistance(match)))) {
      const step = 1 + min(<u32>(at - matchEnd) >> patienceBits, longestStep - 1);
      const stepEnd = min(at + step, hashEnd);
      for (; at < stepEnd; at++) token = putLiteral(token, load<u8>(at));
      continue;
    }
    let added = at + 1;
    while (matchLength(match) < lazyBelow && added < hashEnd) {
      const next = findMatch(added, matchLength(match), longest(added, end), depth, enough);
      added++;
      if (!isBetter(next, match)) break;
      token = putLiteral(token, load<u8>(at++));
      match = next;
    }
    token = putMatch(token, matchLength(match), matchDistance(match));
    at += matchLength(match);
    matchEnd = at;
    for (const addEnd = min(at, hashEnd); added < addEnd; added++) addPlace(added);
  }
  for (; at < end; at++) token = putLiteral(token, load<u8>(at));
  endBlocks(token, end);
}

@inline
function longest(at: usize, end: usize): i32 {
  return min(longestMatch, <i32>(end - at));
}

/** A byte more is worth four, and half the distance one: the literal in between must be paid too. */
@inline
function isBetter(next: u32, match: u32): bool {
  if (next === 0) return false;
  const longer: i32 = matchLength(next) - matchLength(match);
  const nearer: i32 = clz(matchDistance(next)) - clz(matchDistance(match));
  return 4 * longer + nearer > 2;
}
