// Where bytes occurred before: a table of rows, one for each hash of four bytes, with the latest places of each.
//
//   row, 64 bytes    16 tags, u8 | 16 places, u16 | newest, u8 | 15 unused
//
// A row is a cache line. A tag is eight more bits of the hash, so that one vector comparison finds the places that are
// worth a look; they are taken from the newest on. Entries go round: the newest replaces the oldest. Places are kept
// modulo 65536: what is farther away than a match may reach is told by the bytes that it leads to.
//
// Matches of three bytes come from a second table, of one place for each hash.
import { raw } from "./buffers";
import { farthest } from "./symbols";

const rowBits: u32 = 11;
const rowLength: u32 = 64;
const rowsLength: usize = <usize>rowLength << rowBits;
const rows: usize = memory.data(64 << 11, 64);
const placesOffset: usize = 16;
const newestOffset: usize = 48;

const tripleBits: u32 = 13;
const triples: usize = memory.data(2 << 13, 64);

/** Odd numbers without a pattern. */
const rowFactor: u32 = 0x9e37_79b1;
const tripleFactor: u32 = 0x1e35_a7bd;

/** How many bytes {@link findMatch} and {@link addPlace} look at. */
export const hashedLength: i32 = 4;

/** A match is `length << 16 | distance`; 0 is none. */
@inline
export function matchLength(match: u32): u32 {
  return match >> 16;
}

@inline
export function matchDistance(match: u32): u32 {
  return match & 0xffff;
}

export function startRows(): void {
  memory.fill(rows, 0, rowsLength);
  memory.fill(triples, 0, 2 << tripleBits);
}

/** Adds the place `at`. */
@inline
export function addPlace(at: usize): void {
  const bytes = load<u32>(at);
  const hash = bytes * rowFactor;
  const row = rowOf(hash);
  putPlace(row, load<u8>(row + newestOffset), tagOf(hash), at);
  store<u16>(tripleOf(bytes), <u32>at);
}

/**
 * Finds a match of the bytes at `at` that is longer than `least`, among the `depth` latest places, and up to `limit`
 * long; the first one of `enough` will do. Adds the place.
 */
@inline
export function findMatch(at: usize, least: i32, limit: i32, depth: i32, enough: i32): u32 {
  const bytes = load<u32>(at);
  const hash = bytes * rowFactor;
  const row = rowOf(hash);
  const tag = tagOf(hash);
  const newest: u32 = load<u8>(row + newestOffset);
  const same: u32 = i8x16.bitmask(i8x16.eq(v128.load(row), i8x16.splat(<i8>tag)));
  const reach = min(<u32>(at - raw), farthest);
  const triple = tripleOf(bytes);
  // Not by branches, which no processor could predict.
  const near = distanceTo(at, triple);
  const differs = (load<u32>(at - min(near, reach)) ^ bytes) << 8;
  const agrees = i32(near - 1 < reach) & i32(differs === 0) & i32(least < 3);
  let match = select<u32>((3 << 16) | near, 0, agrees);
  let best = max(least, 3);
  store<u16>(triple, <u32>at);
  for (let left = ((same | (same << 16)) >> newest) & 0xffff; left !== 0 && depth > 0; left &= left - 1, depth--) {
    const slot = (newest + ctz(left)) & 15;
    const distance = distanceTo(at, row + placesOffset + (slot << 1));
    if (distance - 1 >= reach) break;
    const other = at - distance;
    // A longer match has to agree in the last bytes of a match of one more.
    if (load<u32>(other + best - 3) !== load<u32>(at + best - 3)) continue;
    const length = commonLength(at, other, limit);
    if (length <= best) continue;
    best = length;
    match = (length << 16) | distance;
    if (length >= enough) break;
  }
  putPlace(row, newest, tag, at);
  return match;
}

@inline
function rowOf(hash: u32): usize {
  return rows + <usize>((hash >> (32 - rowBits)) * rowLength);
}

@inline
function tagOf(hash: u32): u32 {
  return (hash >> (24 - rowBits)) & 255;
}

@inline
function tripleOf(bytes: u32): usize {
  return triples + <usize>((((bytes << 8) * tripleFactor) >> (32 - tripleBits)) << 1);
}

@inline
function putPlace(row: usize, newest: u32, tag: u32, at: usize): void {
  const slot = (newest - 1) & 15;
  store<u8>(row + newestOffset, slot);
  store<u8>(row + slot, tag);
  store<u16>(row + placesOffset + (slot << 1), <u32>at);
}

/** From the place, u16, at `entry` to `at`: 0 to 65535. */
@inline
function distanceTo(at: usize, entry: usize): u32 {
  return (<u32>at - <u32>load<u16>(entry)) & 0xffff;
}

/** How many bytes are the same at both, up to `limit`. Looks at up to seven more. */
@inline
function commonLength(one: usize, other: usize, limit: i32): i32 {
  for (let length: i32 = 0; length < limit; length += 8) {
    const difference = load<u64>(one + length) ^ load<u64>(other + length);
    if (difference !== 0) return min(length + (<i32>ctz(difference) >> 3), limit);
  }
  return limit;
}
