// The range coder of LZMA, reading. "LZMA specification" by Igor Pavlov, "Range Coder".
//
// `range` and `code` are unsigned 32-bit numbers, in 64 bits: so their difference has a sign.

/** An LZMA2 chunk holds 64 KiB of code at most. */
const maxInputLength: i32 = 65536;
/** More than one symbol can take, each of at most 48 bits taking one byte at most: damaged code may run into it. */
const slackLength: i32 = 64;
/** The first byte of a code is zero, and four bytes of code follow. */
const startLength: usize = 5;
/** Where the host puts the code. */
export const input: usize = memory.data(maxInputLength + slackLength, 64);

/** A range below this takes another byte. */
const least: i64 = 1 << 24;

let inputEnd: usize = input;
/** Where the next byte of code is. */
export let at: usize = input;
let range: i64 = 0;
let code: i64 = 0;

/** For loops that keep these in locals. */
@inline
function setCoder(newAt: usize, newRange: i64, newCode: i64): void {
  at = newAt;
  range = newRange;
  code = newCode;
}

/** Begins a code of `length` bytes. Returns whether it can be one. */
export function startCode(length: i32): bool {
  memory.fill(input + <usize>length, 0, slackLength);
  inputEnd = input + <usize>length;
  setCoder(input + startLength, 0xffffffff, <i64>bswap<u32>(load<u32>(input + 1)));
  return <usize>length >= startLength && load<u8>(input) == 0;
}

/** Whether more was read than there is: to be asked once a symbol at least. */
@inline
export function overran(readAt: usize): bool {
  return readAt > inputEnd;
}

/** Whether the code was read whole, and ended as an encoder ends it. */
export function finishedCode(): bool {
  return at == inputEnd && code == 0;
}

/** A bit that is often the one that is expected. */
export function bit(address: usize): u32 {
  const probability = <i64>load<u16>(address);
  const bound = (range >> 11) * probability;
  let one: u32 = 0;
  if (code < bound) {
    range = bound;
    store<u16>(address, <u16>(probability + ((2048 - probability) >> 5)));
  } else {
    range -= bound;
    code -= bound;
    store<u16>(address, <u16>(probability - (probability >> 5)));
    one = 1;
  }
  if (range < least) {
    range <<= 8;
    code = (code << 8) | <i64>load<u8>(at++);
  }
  return one;
}

/**
 * `count` bits, the highest first, each with the probability that the ones before choose. Bits that nobody can foresee:
 * so no branch depends on them. `zero` has all bits set where the bit is 0.
 */
export function tree(base: usize, count: u32): u32 {
  let readAt = at;
  let now = range;
  let rest = code;
  let node: usize = 1;
  const end: usize = 1 << <usize>count;
  do {
    const address = base + (node << 1);
    const probability = <i64>load<u16>(address);
    const bound = (now >> 11) * probability;
    const difference = rest - bound;
    const zero = difference >> 63;
    now -= bound;
    now += (bound - now) & zero;
    rest = difference + (bound & zero);
    store<u16>(address, <u16>(probability - ((probability + (zero & -2017)) >> 5)));
    node = (node << 1) + 1 + <usize>zero;
    if (now < least) {
      now <<= 8;
      rest = (rest << 8) | <i64>load<u8>(readAt++);
    }
  } while (node < end);
  setCoder(readAt, now, rest);
  return <u32>(node - end);
}

/**
 * A literal that follows a match: {@link tree} with probabilities that `matchByte`, at the last distance, chooses as long
 * as it agrees. A loop of its own, for what both keep in locals cannot be handed to a function.
 */
export function matchedLiteral(base: usize, matchByte: u32): u32 {
  let readAt = at;
  let now = range;
  let rest = code;
  let node: usize = 1;
  let agrees: usize = 0x100;
  let matchBits = <usize>matchByte;
  do {
    matchBits <<= 1;
    const matchBit = matchBits & agrees;
    const address = base + ((agrees + matchBit + node) << 1);
    const probability = <i64>load<u16>(address);
    const bound = (now >> 11) * probability;
    const difference = rest - bound;
    const zero = difference >> 63;
    now -= bound;
    now += (bound - now) & zero;
    rest = difference + (bound & zero);
    store<u16>(address, <u16>(probability - ((probability + (zero & -2017)) >> 5)));
    node = (node << 1) + 1 + <usize>zero;
    agrees &= matchBit ^ <usize>zero;
    if (now < least) {
      now <<= 8;
      rest = (rest << 8) | <i64>load<u8>(readAt++);
    }
  } while (node < 0x100);
  setCoder(readAt, now, rest);
  return <u32>node & 0xff;
}

/** As {@link tree}, but the lowest bit comes first. */
export function reverseTree(base: usize, count: u32): u32 {
  let node: usize = 1;
  let value: u32 = 0;
  for (let shift: u32 = 0; shift < count; shift++) {
    const next = bit(base + (node << 1));
    node = (node << 1) | <usize>next;
    value |= next << shift;
  }
  return value;
}

/** `count` bits, up to 26, of even probability. */
export function direct(count: u32): u32 {
  let readAt = at;
  let now = range;
  let rest = code;
  let value: u32 = 0;
  for (; count > 0; count--) {
    now >>= 1;
    const difference = rest - now;
    const zero = difference >> 63;
    rest = difference + (now & zero);
    value = (value << 1) + 1 + <u32>zero;
    if (now < least) {
      now <<= 8;
      rest = (rest << 8) | <i64>load<u8>(readAt++);
    }
  }
  setCoder(readAt, now, rest);
  return value;
}
