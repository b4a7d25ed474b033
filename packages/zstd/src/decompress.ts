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
  const { buffer, engine } = decompressSync(segment, frame, chunkSize);
  if (buffer.length !== segment.rawLength) throw lengthFault(segment, buffer.length);
  checkPacked(segment, engine.bytesWritten);
  return buffer;
}

/** Decompresses a segment's frame in parts, whose memory does not depend on its length. @throws as above. */
export async function* decompressInWindows(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const part of decompressUpTo(segment, packed)) {
    length += part.length;
    yield part;
  }
  if (length < segment.rawLength) throw lengthFault(segment, length);
}

/**
 * What a frame comes to, found out by decompressing it, a part at a time, and comparing its checksum. @param most a
 * segment whose raw length it cannot be more than. @throws as above.
 */
export async function measureFrame(most: Segment, packed: ByteSource): Promise<number> {
  if (Math.max(most.rawLength, most.packedLength) <= windowLength) {
    return measureAtOnce(most, await packed.read(most.packedOffset, most.packedLength));
  }
  let length = 0;
  for await (const part of decompressUpTo(most, packed)) length += part.length;
  return length;
}

/** Many small frames would be slow as streams. */
function measureAtOnce(most: Segment, frame: Uint8Array): number {
  const { buffer, engine } = decompressSync(most, frame, strictLength);
  checkPacked(most, engine.bytesWritten);
  return buffer.length;
}

async function* decompressUpTo(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
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
      if (length > segment.rawLength) throw lengthFault(segment, length);
      yield new Uint8Array(part);
    }
  } catch (error) {
    throw zstdFault(segment, error);
  }
  checkPacked(segment, decompress.bytesWritten);
}

function decompressSync(segment: Segment, frame: Uint8Array, chunkSize: number): WithInfo {
  const limits = { chunkSize, maxOutputLength: segment.rawLength };
  try {
    return withInfo(zstdDecompressSync(frame, { params, ...limits, info: true }));
  } catch (error) {
    throw zstdFault(segment, error);
  }
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

function lengthFault(segment: Segment, rawLength: number): Error {
  const more = rawLength > segment.rawLength ? " or more" : "";
  return segmentFault(segment, `it comes to ${rawLength} bytes${more}, expected ${segment.rawLength}`);
}

function checkPacked(segment: Segment, packedLength: number): void {
  if (packedLength === segment.packedLength) return;
  throw segmentFault(segment, `its frame ends after ${packedLength} of ${segment.packedLength} bytes`);
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
