// Decompressing one frame alone. Node's decoder is never given more: where a frame ends within one output buffer, it
// drops all that follows without a word (Node 24.21), or goes on with it (Node 26). zstd itself compares the checksum.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdDecompress, zstdDecompressSync } from "node:zlib";
import type { ByteSource } from "@bootstamp/byte-source";
import { packedWindows, type Segment, segmentFault } from "@bootstamp/segment-map";
import { maxWindowLog } from "./frame-header.ts";

const windowLength: number = 1 << 20;
const params: Readonly<Record<number, number>> = { [constants.ZSTD_d_windowLogMax]: maxWindowLog };

/**
 * With room for all of it at once, zstd does not care how far back a match reaches, as long as it is within the frame;
 * with a buffer as long as its own program's, no further than the frame's window.
 */
const strictLength: number = 128 << 10;

/**
 * Decompresses all of a segment's frame. The result is the caller's. `strict` is slower, and refuses a frame that
 * `zstd -d` refuses for its window. @throws MapError `MAP_SEGMENT_DAMAGED`.
 */
export function decompressWhole(segment: Segment, frame: Uint8Array, strict: boolean): Uint8Array {
  // Room for a little more, so that no second buffer is begun.
  const chunkSize = strict ? strictLength : segment.rawLength + 64;
  const limits = { chunkSize, maxOutputLength: segment.rawLength };
  let result: WithInfo;
  try {
    result = withInfo(zstdDecompressSync(frame, { params, ...limits, info: true }));
  } catch (error) {
    throw zstdFault(segment, error);
  }
  checkEnd(segment, result.buffer.length, result.engine.bytesWritten);
  return result.buffer;
}

/** Decompresses a segment's frame in parts, whose memory does not depend on its length. @throws as above. */
export async function* decompressInWindows(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  const decompress = createZstdDecompress({ params, chunkSize: windowLength });
  const fed = pipeline(
    Readable.from(packedWindows(segment, packed, windowLength), { objectMode: false }),
    decompress,
  );
  // The same failure comes out of `decompress`, where it is dealt with.
  fed.catch(() => undefined);
  let length = 0;
  try {
    for await (const part of decompress) {
      length += part.length;
      if (length > segment.rawLength) break;
      yield new Uint8Array(part);
    }
  } catch (error) {
    throw zstdFault(segment, error);
  }
  checkEnd(segment, length, decompress.bytesWritten);
}

interface WithInfo {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

/** The option `info` makes node:zlib return more than its type says. */
function withInfo(result: Uint8Array | WithInfo): WithInfo {
  if ("engine" in result) return result;
  throw new Error("internal error: node:zlib gave no info");
}

function checkEnd(segment: Segment, rawLength: number, packedLength: number): void {
  if (rawLength !== segment.rawLength) {
    const more = rawLength > segment.rawLength ? " or more" : "";
    throw segmentFault(segment, `it comes to ${rawLength} bytes${more}, expected ${segment.rawLength}`);
  }
  if (packedLength !== segment.packedLength) {
    throw segmentFault(segment, `its frame ends after ${packedLength} of ${segment.packedLength} bytes`);
  }
}

/** What zstd complains of is the segment's fault; a source that cannot be read is not. */
function zstdFault(segment: Segment, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  if (error.code === "ERR_BUFFER_TOO_LARGE") {
    return segmentFault(segment, `it comes to more than ${segment.rawLength} bytes`, error);
  }
  const fromZstd = typeof error.code === "string" && /^ZSTD_|^Z_/.test(error.code);
  return fromZstd ? segmentFault(segment, error.message, error) : error;
}
