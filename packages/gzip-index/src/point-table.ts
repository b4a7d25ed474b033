// The points of an index as indexed_gzip's files have them, 18 bytes each, little-endian.
//
//   0  compressed offset (8): of the first whole byte of a block
//   8  uncompressed offset (8)
//   16 bits (1): how many of the byte before that are the block's, the highest ones
//   17 whether there is a window (1): the 32 KiB before the point

/** Length of a point in the table, in bytes. */
export const pointLength = 18;

/** Where inflating may begin. Offsets in bytes. */
export interface SeekPoint {
  readonly rawOffset: number;
  readonly packedOffset: number;
  /** So many of the highest bits of the byte before `packedOffset` belong to the block, too. 0 to 7. */
  readonly bits: number;
  /** Where there is none, no match behind the point reaches before it. */
  readonly hasWindow: boolean;
}

/** The points in order, kept as they are in a file: there may be a hundred thousand. */
export class PointTable {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly #view: DataView;

  /** Does not copy `bytes`. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.length = bytes.length / pointLength;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static of(points: readonly SeekPoint[]): PointTable {
    const table = new PointTable(new Uint8Array(points.length * pointLength));
    points.forEach(({ packedOffset, rawOffset, bits, hasWindow }, index) => {
      const offset = index * pointLength;
      table.#view.setBigUint64(offset, BigInt(packedOffset), true);
      table.#view.setBigUint64(offset + 8, BigInt(rawOffset), true);
      table.#view.setUint8(offset + 16, bits);
      table.#view.setUint8(offset + 17, hasWindow ? 1 : 0);
    });
    return table;
  }

  /** `RangeError` outside `0..length`. Offsets beyond 2^53 come rounded. */
  at(index: number): SeekPoint {
    const offset = index * pointLength;
    return {
      packedOffset: Number(this.#view.getBigUint64(offset, true)),
      rawOffset: this.rawOffset(index),
      bits: this.#view.getUint8(offset + 16),
      hasWindow: this.#view.getUint8(offset + 17) !== 0,
    };
  }

  rawOffset(index: number): number {
    return Number(this.#view.getBigUint64(index * pointLength + 8, true));
  }

  /** The last point at or before `rawOffset`, by binary search. */
  before(rawOffset: number): number {
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.rawOffset(middle) <= rawOffset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
