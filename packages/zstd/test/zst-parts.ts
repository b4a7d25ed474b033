// Parts of .zst files, written down apart from the code under test. RFC 8878 §3.1.

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A skippable frame (§3.1.2). */
export function skippable(magic: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(8 + payload.length);
  frame.writeUInt32LE(magic);
  frame.writeUInt32LE(payload.length, 4);
  frame.set(payload, 8);
  return frame;
}

export interface ListedFrame {
  readonly packedLength: number;
  readonly rawLength: number;
  /** Left out of all of them or of none. */
  readonly checksum?: number;
}

/** The seek table of zstd's contrib/seekable_format, version 0.1.0. */
export function seekTable(frames: readonly ListedFrame[], descriptor?: number): Buffer {
  const withChecksums = frames.some(({ checksum }) => checksum !== undefined);
  const numbers = frames.flatMap(({ packedLength, rawLength, checksum }) =>
    checksum === undefined ? [packedLength, rawLength] : [packedLength, rawLength, checksum],
  );
  const entries = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) entries.writeUInt32LE(number, index * 4);
  const footer = Buffer.alloc(9);
  footer.writeUInt32LE(frames.length);
  footer.writeUInt8(descriptor ?? (withChecksums ? 0x80 : 0), 4);
  footer.writeUInt32LE(0x8f92_eab1, 5);
  return skippable(0x184d_2a5e, Buffer.concat([entries, footer]));
}
