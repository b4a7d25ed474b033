// The header of a block. RFC 8878 §3.1.1.2.
//
//   24 bits, lowest byte first: bit 0 last  bits 2-1 type (0 raw, 1 RLE, 2 compressed)  bits 23-3 length
//
// An RLE block has one byte, which stands for as many as its length says.

export const blockHeaderLength = 3;
export const rawBlock = 0;
export const rleBlock = 1;
/** §3.1.1.2.4: no block comes to more, nor has more. */
export const maxBlockLength: number = 128 << 10;

export interface BlockHeader {
  readonly type: number;
  /** Raw bytes of a raw or RLE block, packed ones of any other. */
  readonly length: number;
  readonly last: boolean;
}

export function parseBlockHeader([low = 0, middle = 0, high = 0]: Uint8Array): BlockHeader {
  const value = low | (middle << 8) | (high << 16);
  return { type: (value >>> 1) & 3, length: value >>> 3, last: (value & 1) !== 0 };
}

export function blockHeader(type: number, length: number, last: boolean): Uint8Array {
  const value = (length << 3) | (type << 1) | (last ? 1 : 0);
  return Uint8Array.of(value, value >>> 8, value >>> 16);
}
