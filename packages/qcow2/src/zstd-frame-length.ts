// How long a zstd frame is. RFC 8878 §3.1.1. Little-endian.
//
//   28 B5 2F FD  descriptor (1)  [window (1)]  [dictionary (0, 1, 2, 4)]  [content size (0, 1, 2, 4, 8)]
//   blocks: 3 bytes: bit 0 last · bits 1-2 type 0 raw, 1 RLE, 2 compressed · bits 3-23 size; then the block
//   [checksum (4)]
//
// Skippable frames: 5x 2A 4D 18  size (4)  that many bytes.
const frameMagic = 0xfd2f_b528;
const skippableMagic = 0x184d_2a50;
const blockHeaderLength = 3;

/** The length of the frame that `bytes` begins with. @throws RangeError where it does not end within them. */
export function frameLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0, true);
  if ((magic & 0xffff_fff0) === skippableMagic) return within(bytes, 8 + view.getUint32(4, true));
  if (magic !== frameMagic) throw new RangeError("there is no zstd frame");
  const descriptor = view.getUint8(4);
  let at = 5 + fieldsLength(descriptor);
  for (let isLast = false; !isLast;) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    isLast = (header & 1) === 1;
    const isRunLength = ((header >>> 1) & 3) === 1;
    at += blockHeaderLength + (isRunLength ? 1 : header >>> 3);
  }
  return within(bytes, at + ((descriptor & 4) === 0 ? 0 : 4));
}

function fieldsLength(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  return (isSingleSegment ? 0 : 1) + dictionary + contentSize;
}

function within(bytes: Uint8Array, length: number): number {
  if (length > bytes.length) throw new RangeError("the zstd frame is cut off");
  return length;
}
