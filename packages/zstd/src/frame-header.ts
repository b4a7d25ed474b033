// The header of a zstd frame. RFC 8878 §3.1.1.1.
//
//   0   Magic_Number 28 B5 2F FD
//   4   Frame_Header_Descriptor: bits 7-6 width of the content size, 5 Single_Segment, 4 unused, 3 reserved,
//                                2 Content_Checksum, 1-0 width of the dictionary's id
//   5   Window_Descriptor (1 byte; none if Single_Segment): bits 7-3 exponent, 2-0 mantissa
//   .   Dictionary_ID (0, 1, 2 or 4 bytes)
//   .   Frame_Content_Size (0, 1, 2, 4 or 8 bytes)
//
// Frames that need a dictionary are refused, and so are windows beyond what decoders allow by themselves.
import { MapError, segmentFault, type SegmentPlace } from "@bootstamp/segment-map";
import { maxBlockLength } from "./block.ts";
import { viewOf } from "./view-of.ts";

export const frameMagic = 0xfd2f_b528;
/** RFC 8878 §3.1.2: skippable frames begin with this number, or one of the 15 after it, and a length of 4 bytes. */
const firstSkippableMagic = 0x184d_2a50;
export const skippableHeaderLength = 8;
/** The longest header: magic, descriptor, window, dictionary and content size. */
export const maxHeaderLength = 18;
/** What `zstd -d` takes without being asked to. */
export const maxWindowLog = 27;

const fixedLength = 5;
const contentWidths: readonly number[] = [0, 2, 4, 8];
const dictionaryWidths: readonly number[] = [0, 1, 2, 4];

export interface FrameHeader {
  readonly length: number;
  /** Its descriptor. */
  readonly descriptor: number;
  /** Bytes that the frame's blocks come to, where it says. */
  readonly contentLength: number | undefined;
  /** No block of it is longer, raw or packed. */
  readonly blockLength: number;
  /** Whether four bytes of XXH64 follow the last block. */
  readonly hasChecksum: boolean;
}

export function isFrame(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === frameMagic;
}

export function isSkippable(bytes: Uint8Array): boolean {
  if (bytes.length < skippableHeaderLength) return false;
  const magic = viewOf(bytes).getUint32(0, true);
  return magic >= firstSkippableMagic && magic < firstSkippableMagic + 16;
}

/** Length of the skippable frame that begins with `bytes`. */
export function skippableLength(bytes: Uint8Array): number {
  return skippableHeaderLength + viewOf(bytes).getUint32(4, true);
}

/**
 * Takes the header at the beginning of `bytes` apart, which are {@link maxHeaderLength} long, or a whole frame.
 * @throws MapError `MAP_SEGMENT_DAMAGED` at `place`; `MAP_MISSING` for a window that is too long.
 */
export function parseFrameHeader(place: SegmentPlace, bytes: Uint8Array): FrameHeader {
  if (!isFrame(bytes)) throw segmentFault(place, "no zstd frame begins there");
  const descriptor = bytes[4] ?? 0;
  const single = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw segmentFault(place, "a reserved bit of the frame's header is set");
  const dictionaryWidth = dictionaryWidths[descriptor & 3] ?? 0;
  // §3.1.1.1.1.1: a width of 0 means 1 where there is no window.
  const contentWidth = contentWidths[descriptor >>> 6] || (single ? 1 : 0);
  const contentOffset = fixedLength + (single ? 0 : 1) + dictionaryWidth;
  const length = contentOffset + contentWidth;
  if (bytes.length < length) throw segmentFault(place, "the frame ends within its header");
  if (bytes.subarray(contentOffset - dictionaryWidth, contentOffset).some((byte) => byte !== 0)) {
    throw segmentFault(place, "the frame needs a dictionary");
  }
  const contentLength = readContentLength(place, bytes, contentOffset, contentWidth);
  const window = single ? (contentLength ?? 0) : windowLength(bytes[fixedLength] ?? 0);
  if (window > 2 ** maxWindowLog) throw windowFault(place, window);
  return {
    length,
    descriptor,
    contentLength,
    blockLength: Math.min(window, maxBlockLength),
    hasChecksum: (descriptor & 0x04) !== 0,
  };
}

/** A good file, most likely; but as long as this the window would not leave a command within its 400 MiB. */
function windowFault({ rawOffset, packedOffset }: SegmentPlace, window: number): MapError {
  const most = 2 ** maxWindowLog;
  return new MapError(
    "MAP_MISSING",
    `a zstd file that is not read: the frame at packed offset ${packedOffset} needs a window of ${window} bytes, more than the ${most} that zstd itself takes without --memory, and that fit into 400 MiB; pack it anew without --long: zstd -dc --memory=${Math.ceil(window / 2 ** 20)}MB FILE | zstd -o NEW.zst`,
    { rawOffset, packedOffset, window },
  );
}

/** §3.1.1.1.2. */
function windowLength(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** §3.1.1.1.4. */
function readContentLength(
  place: SegmentPlace,
  bytes: Uint8Array,
  offset: number,
  width: number,
): number | undefined {
  const view = viewOf(bytes);
  switch (width) {
    case 0:
      return undefined;
    case 1:
      return view.getUint8(offset);
    case 2:
      return view.getUint16(offset, true) + 256;
    case 4:
      return view.getUint32(offset, true);
    default: {
      const length = Number(view.getBigUint64(offset, true));
      if (!Number.isSafeInteger(length)) throw segmentFault(place, `the frame claims ${length} bytes`);
      return length;
    }
  }
}
