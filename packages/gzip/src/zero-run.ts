// Zero bytes, deflated by formula. RFC 1951 §3.2.7.
//
//   header 105 bits | literal 0, once and for each byte over a multiple of 258 | (length 258, distance 1) ... | end
//
// The block's own codes give the pair 2 bits, 258 bytes of zeros: deflate cannot do better. The pair's bits are zeros,
// so a run is a header, a few bits, and emptiness. Closed with an empty stored block as every piece is.

const pairLength = 258;
const pairBits = 2;

/**
 * BFINAL 0, BTYPE 2; then value and width of each field of §3.2.7, lowest bit first. The codes: 285 `0`, literal 0 `10`,
 * end of block 256 `11`; distance 1 `0`, distance 2 `1` (never used, but some decoders want a complete code).
 */
const header: readonly (readonly [value: number, width: number])[] = [
  [0, 1],
  [2, 2],
  // HLIT 286, HDIST 2, HCLEN 18.
  [286 - 257, 5],
  [2 - 1, 5],
  [18 - 4, 4],
  // Lengths of the code length codes, in the order 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1: 18 and 2 get two bits,
  // 1 gets one.
  ...[0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1].map((length) => [length, 3] as const),
  // As the codes 1 `0`, 2 `10`, 18 `11`, first bit lowest. Literal 0 has two bits, 1..255 none (138 + 117 of them) ...
  [0b01, 2],
  [0b11, 2],
  [138 - 11, 7],
  [0b11, 2],
  [117 - 11, 7],
  // ... 256 two, 257..284 none (28), 285 one; both distances one.
  [0b01, 2],
  [0b11, 2],
  [28 - 11, 7],
  [0, 3],
];
const headerBits = header.reduce((bits, [, width]) => bits + width, 0);
const literal = 0b01;
const endOfBlock = 0b11;
const symbolBits = 2;

/** Deflates `rawLength` zero bytes, 1 at least, and closes them with a full flush. Costs a 516th part of `rawLength`. */
export function packZeros(rawLength: number): Uint8Array {
  const pairs = Math.floor((rawLength - 1) / pairLength);
  const literals = rawLength - pairs * pairLength;
  const endBit = headerBits + literals * symbolBits + pairs * pairBits + symbolBits;
  const lengthOffset = Math.ceil((endBit + 3) / 8);
  const packed = new Uint8Array(lengthOffset + 4);
  let at = 0;
  const put = (value: number, width: number): void => {
    for (let bit = 0; bit < width; bit++, at++) setBit(packed, at, (value >>> bit) & 1);
  };
  for (const [value, width] of header) put(value, width);
  for (let count = 0; count < literals; count++) put(literal, symbolBits);
  at += pairs * pairBits;
  put(endOfBlock, symbolBits);
  packed.set([0x00, 0x00, 0xff, 0xff], lengthOffset);
  return packed;
}

function setBit(bytes: Uint8Array, at: number, bit: number): void {
  bytes[at >>> 3] = (bytes[at >>> 3] ?? 0) | (bit << (at & 7));
}
