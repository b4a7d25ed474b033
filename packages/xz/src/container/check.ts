// The integrity check at the end of each block, over the block's raw bytes. xz file format §2.1.1.2 and §3.4.
//
//   number  0x00 none   0x01 CRC-32 (4 bytes)   0x04 CRC-64 (8)   0x0A SHA-256 (32)       CRCs are little-endian

export type CheckName = "none" | "crc32" | "crc64" | "sha256";

/** A check that is being computed over one block. */
export interface RunningCheck {
  update(bytes: Uint8Array): void;
  /** The value as the block holds it; ends the computation. */
  digest(): Uint8Array;
}

/** Bytes that take the place of others inside one block, as many. */
export interface Replacement {
  /** From the beginning of the block's raw bytes. */
  readonly offset: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** One kind of check. Values are as a block holds them. */
export interface Check {
  readonly name: CheckName;
  /** As in the stream flags. */
  readonly id: number;
  /** Bytes of its value. */
  readonly length: number;
  /** Loads what computes it fast, and returns what begins a block's. */
  readonly load: () => Promise<() => RunningCheck>;
  /** The check of so many zero bytes. */
  readonly ofZeros: (rawLength: number) => Uint8Array;
  /**
   * The check after `replacements` in a block of `rawLength` bytes, from the one before, at a cost in proportion to
   * them; absent where that cannot be told without the whole block.
   */
  readonly patch?: (value: Uint8Array, rawLength: number, replacements: readonly Replacement[]) => Uint8Array;
}
