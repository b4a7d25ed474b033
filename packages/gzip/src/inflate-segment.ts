// Inflating one segment alone. A segment is deflate blocks that end on a byte, the last of them not final; so with an
// empty final block behind it, it is a complete stream, which must end with that block and not before.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createInflateRaw, inflateRawSync } from "node:zlib";
import type { ByteSource } from "@bootstamp/byte-source";
import { packedWindows, release, type Segment, segmentFault } from "@bootstamp/segment-map";
import { finalBlock } from "./header.ts";

/** Segments up to this many raw bytes are inflated in one go, which is faster; larger ones in windows. */
const wholeLength: number = 4 << 20;
const windowLength: number = 1 << 18;

/** Inflates a segment that is not stored. @throws MapError `MAP_SEGMENT_DAMAGED`. */
export async function* inflateSegment(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  if (segment.rawLength > wholeLength) yield* inflateInWindows(segment, packed);
  else yield inflateWhole(segment, await packed.read(segment.packedOffset, segment.packedLength));
}

function inflateWhole(segment: Segment, packed: Uint8Array): Uint8Array {
  const closed = Buffer.concat([packed, finalBlock]);
  // One byte more, so that one too many would show, and so that no second buffer is begun.
  const limits = { chunkSize: segment.rawLength + 64, maxOutputLength: segment.rawLength };
  let inflated: Inflated;
  try {
    inflated = withInfo(inflateRawSync(closed, { ...limits, info: true }));
  } catch (error) {
    throw inflateFault(segment, error);
  }
  release(packed);
  release(closed);
  checkEnd(segment, inflated.buffer.length, inflated.engine.bytesWritten);
  return inflated.buffer;
}

interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

/** The option `info` makes node:zlib return more than its type says. */
function withInfo(result: Uint8Array | Inflated): Inflated {
  if ("engine" in result) return result;
  throw new Error("internal error: node:zlib gave no info");
}

async function* inflateInWindows(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: windowLength });
  const fed = pipeline(Readable.from(closedWindows(segment, packed), { objectMode: false }), inflate);
  // The same failure comes out of `inflate`, where it is dealt with.
  fed.catch(() => undefined);
  let length = 0;
  try {
    for await (const part of inflate) {
      length += part.length;
      if (length > segment.rawLength) break;
      yield part;
    }
  } catch (error) {
    throw inflateFault(segment, error);
  }
  checkEnd(segment, length, inflate.bytesWritten);
}

async function* closedWindows(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  yield* packedWindows(segment, packed, windowLength);
  yield finalBlock;
}

function checkEnd(segment: Segment, rawLength: number, packedLength: number): void {
  if (rawLength !== segment.rawLength) {
    throw segmentFault(segment, `it comes to ${rawLength} bytes or more, expected ${segment.rawLength}`);
  }
  const expected = segment.packedLength + finalBlock.length;
  if (packedLength !== expected) {
    throw segmentFault(segment, `a final block ends it after ${packedLength} of ${expected} bytes`);
  }
}

/** What zlib complains of is the segment's fault; a source that cannot be read is not. */
function inflateFault(segment: Segment, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  if (error.code === "ERR_BUFFER_TOO_LARGE") {
    return segmentFault(segment, `it comes to more than ${segment.rawLength} bytes`, error);
  }
  const fromZlib = typeof error.code === "string" && error.code.startsWith("Z_");
  return fromZlib ? segmentFault(segment, error.message, error) : error;
}
