import { constants, zstdCompressSync } from "node:zlib";
import { type EncodeSettings, engineFault, release } from "@bootstamp/segment-map";
import { parseFrameHeader } from "./frame-header.ts";
import { withOwnHeader } from "./own-frame.ts";
import { checkSettings } from "./settings.ts";

/** Compresses `raw`, 1 byte at least, to one frame with our header and a checksum. The result is the caller's. */
export type Compress = (raw: Uint8Array) => Uint8Array;

/** The settled engine. @throws MapError `MAP_SETTING` if this program has another version; its use `MAP_ENGINE`. */
export function openEngine(settings: EncodeSettings): Compress {
  checkSettings(settings);
  // Never ZSTD_c_nbWorkers: with it, Node has been seen to cut the output short without an error.
  const params = {
    [constants.ZSTD_c_compressionLevel]: settings.level,
    [constants.ZSTD_c_checksumFlag]: 1,
    [constants.ZSTD_c_contentSizeFlag]: 1,
  };
  return (raw) => {
    try {
      const frame = zstdCompressSync(raw, { params, chunkSize: compressBound(raw.length) });
      const own = withOwnHeader(frame, headerLengthOf(frame, raw.length), raw.length);
      release(frame);
      return own;
    } catch (error) {
      throw engineFault(settings.engine, raw.length, error);
    }
  };
}

/** Throws unless the frame says that it has the content and a checksum, as it was asked for. */
function headerLengthOf(frame: Uint8Array, rawLength: number): number {
  const header = parseFrameHeader({ rawOffset: 0, packedOffset: 0 }, frame);
  if (header.contentLength === rawLength && header.hasChecksum) return header.length;
  throw new Error(`it made a frame of ${header.contentLength} bytes`);
}

/**
 * The most that zstd makes of `length` bytes, and room to spare. With all of the room at once zstd compresses from
 * input to output directly, which is faster and smaller; so its bytes depend on this length.
 */
function compressBound(length: number): number {
  return length + (length >>> 8) + 4096;
}
