// A deflate stream that begins inside a byte, as one that begins on a byte: node:zlib has no inflatePrime, but blocks
// without content can stand before the stream and bring it to the right bit.
//
//   fixed    BFINAL 0  BTYPE 1  end of block: 7 zero bits                                   10 bits, RFC 1951 §3.2.6
//   dynamic  BFINAL 0  BTYPE 2  HLIT 0  HDIST 0  HCLEN 14, then codes of one bit for the code lengths 1 and 18,
//            lengths 0 of symbols 0-254, 1 of 255, 256 and distance 0, end of block         91 bits, §3.2.7

/** Bits, the lowest of `value` first. */
interface BitRun {
  readonly value: number;
  readonly count: number;
}

const fixedBlock: readonly BitRun[] = [{ value: 0b010, count: 10 }];

const dynamicBlock: readonly BitRun[] = [
  { value: 0b100, count: 3 },
  { value: 0, count: 10 },
  { value: 14, count: 4 },
  // Eighteen lengths of codes, in the order 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1.
  ...Array.from({ length: 18 }, (_, index) => ({ value: index === 2 || index === 17 ? 1 : 0, count: 3 })),
  // Symbol 18 is the code 1, symbol 1 the code 0: 138 zeros, 117 zeros.
  { value: 1, count: 1 },
  { value: 138 - 11, count: 7 },
  { value: 1, count: 1 },
  { value: 117 - 11, count: 7 },
  { value: 0, count: 3 },
  // Of 255 and 256, the latter has the code 1.
  { value: 1, count: 1 },
];

/** The runs that end `bits` bits into a byte. Fixed blocks alone come to even numbers. */
function emptyBlocks(bits: number): BitRun[] {
  const runs = bits % 2 === 1 ? [...dynamicBlock] : [];
  const start = bits % 2 === 1 ? 91 % 8 : 0;
  for (let at = start; at % 8 !== bits; at += 10) runs.push(...fixedBlock);
  return runs;
}

function packBits(runs: readonly BitRun[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(runs.reduce((sum, { count }) => sum + count, 0) / 8));
  let at = 0;
  for (const { value, count } of runs) {
    for (let bit = 0; bit < count; bit++, at++)
      bytes[at >>> 3] = (bytes[at >>> 3] ?? 0) | (((value >>> bit) & 1) << (at & 7));
  }
  return bytes;
}

/** `prefixes[n]` ends n bits into its last byte, whose other bits are zero. */
const prefixes: readonly Uint8Array[] = Array.from({ length: 8 }, (_, bits) => packBits(emptyBlocks(bits)));

/** A stream for node:zlib, and how many of its bytes stand before the first whole byte of the original. */
export interface AlignedStream {
  readonly bytes: Uint8Array;
  readonly addedLength: number;
}

/**
 * The stream of which the highest `bits` bits of the first byte of `bytes`, and all other bytes, are the original.
 * Copies them unless `bits` is 0, where the whole of `bytes` is the original.
 */
export function alignStream(bytes: Uint8Array, bits: number): AlignedStream {
  if (bits === 0) return { bytes, addedLength: 0 };
  const prefix = prefixes[8 - bits] ?? new Uint8Array();
  const aligned = new Uint8Array(prefix.length + bytes.length - 1);
  aligned.set(prefix);
  const shared = prefix.length - 1;
  aligned[shared] = (prefix[shared] ?? 0) | ((bytes[0] ?? 0) & (0xff << (8 - bits)));
  aligned.set(bytes.subarray(1), prefix.length);
  return { bytes: aligned, addedLength: prefix.length };
}
