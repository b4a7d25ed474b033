// The outline of a zstd frame. RFC 8878 §3.1.1.
//
//   0   Magic_Number 28 B5 2F FD
//   4   Frame_Header_Descriptor: bits 7-6 width of the content size, 5 Single_Segment, 2 Content_Checksum,
//                                1-0 width of the dictionary's id
//   5   Window_Descriptor (1 byte; none if Single_Segment), Dictionary_ID, Frame_Content_Size
//   .   blocks: 3 bytes of header (bit 0 last, bits 2-1 type, the rest the size), then 1 byte if of type RLE, else size
//   .   Content_Checksum, 4 bytes where there is one
import { damaged } from "./stamp-file-error.ts";

const contentWidths: readonly number[] = [0, 2, 4, 8];
const dictionaryWidths: readonly number[] = [0, 1, 2, 4];
/** §3.1.1.2.2: Block_Type of one repeated byte. */
const rle = 1;

/**
 * Throws unless `bytes` are one zstd frame, nothing less and nothing more. Does not decompress it: node:zlib drops or
 * takes in what follows a frame, depending on its version.
 * @throws StampFileError `STAMP_FILE_DAMAGED`.
 */
export function checkSingleFrame(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 5 || view.getUint32(0, true) !== 0xfd2f_b528)
    throw damaged("its body is not a zstd frame");
  const descriptor = view.getUint8(4);
  let at = 5 + headerRest(descriptor);
  for (let last = false; !last;) {
    if (at + 3 > bytes.length) throw damaged("its zstd frame has no end");
    const header = view.getUint16(at, true) + 65_536 * view.getUint8(at + 2);
    last = (header & 1) === 1;
    at += 3 + (((header >>> 1) & 3) === rle ? 1 : header >>> 3);
  }
  if ((descriptor & 0x04) !== 0) at += 4;
  if (at !== bytes.length) throw damaged(`its zstd frame has ${at} bytes, expected ${bytes.length}`);
}

/** Bytes of the header after the descriptor. */
function headerRest(descriptor: number): number {
  const single = (descriptor & 0x20) !== 0;
  // §3.1.1.1.1.1: a width of 0 means 1 where there is no window.
  const contentWidth = contentWidths[descriptor >>> 6] || (single ? 1 : 0);
  return (single ? 0 : 1) + (dictionaryWidths[descriptor & 3] ?? 0) + contentWidth;
}
