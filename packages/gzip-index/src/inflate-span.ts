import { constants, crc32, inflateRaw, type ZlibOptions } from "node:zlib";
import type { ByteSource } from "@bootstamp/byte-source";
import { alignStream } from "./aligned-stream.ts";
import { windowLength } from "./block-inflater.ts";
import { spanAt, type GzipIndex, type Span } from "./gzip-index.ts";
import { GzipIndexError, streamFault } from "./gzip-index-error.ts";
import { memberData, skipZeros, trailerLength } from "./member-header.ts";

interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

/** With the option `info`, node:zlib returns more than its type says. */
async function inflateWithInfo(bytes: Uint8Array, options: ZlibOptions): Promise<Inflated> {
  const { promise, resolve, reject } = Promise.withResolvers<Inflated>();
  inflateRaw(bytes, { ...options, info: true }, (error, result: Uint8Array | Inflated) => {
    if (error !== null) reject(error);
    else if ("engine" in result) resolve(result);
    else reject(new Error("internal error: node:zlib gave no info"));
  });
  return await promise;
}

/**
 * Inflates the span from a point to the next in the thread pool, and holds it against the index: by its CRC-32, or else
 * by the next point's window.
 * @throws GzipIndexError `GZINDEX_STREAM_DAMAGED`, `GZINDEX_OTHER_FILE`.
 */
export async function inflateSpan(packed: ByteSource, index: GzipIndex, point: number): Promise<Uint8Array> {
  const span = spanAt(index, point);
  const raw = await inflateMembers(packed, span, await index.window(point));
  await checkSpan(index, point, span, raw);
  return raw;
}

/** A span may go over the ends of members. */
async function inflateMembers(
  packed: ByteSource,
  span: Span,
  window: Uint8Array | undefined,
): Promise<Uint8Array> {
  const bytes = await packed.read(span.packedOffset, span.packedEnd - span.packedOffset);
  const parts: Uint8Array[] = [];
  let done = 0;
  let at = 0;
  let [bits, dictionary] = [span.bits, window];
  while (done < span.rawLength) {
    const offset = span.packedOffset + at;
    const left = span.rawLength - done;
    const { raw, used } = await inflatePart(bytes.subarray(at), bits, dictionary, left, offset);
    parts.push(raw);
    done += raw.length;
    if (done === span.rawLength) break;
    at = used === bytes.length - at ? used : await nextMember(bytes, span.packedOffset, at + used);
    if (at >= bytes.length) throw streamFault(offset, `it inflates to ${done} of ${span.rawLength} bytes`);
    [bits, dictionary] = [0, undefined];
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

/** Where in `bytes` the next member's data begins, behind the deflate stream that ends at `at`; the end, if nowhere. */
async function nextMember(bytes: Uint8Array, offset: number, at: number): Promise<number> {
  // Offsets in errors are those of the file.
  const reader: ByteSource = {
    length: offset + bytes.length,
    read: async (from, length) => bytes.slice(from - offset, from - offset + length),
  };
  const header = await skipZeros(reader, offset + at + trailerLength);
  const data = header < reader.length ? await memberData(reader, header) : undefined;
  return (data ?? reader.length) - offset;
}

async function inflatePart(
  bytes: Uint8Array,
  bits: number,
  dictionary: Uint8Array | undefined,
  maxLength: number,
  offset: number,
): Promise<{ readonly raw: Uint8Array; readonly used: number }> {
  const { bytes: aligned, addedLength } = alignStream(bytes, bits);
  // One more byte of room, so that zlib does not ask for a second buffer.
  const limits = { maxOutputLength: maxLength, chunkSize: Math.max(64, maxLength + 1) };
  const start = dictionary === undefined ? {} : { dictionary };
  try {
    // The next point may be in the middle of a byte, and the stream goes on there.
    const finishFlush = constants.Z_SYNC_FLUSH;
    const { buffer, engine } = await inflateWithInfo(aligned, { ...limits, ...start, finishFlush });
    return { raw: buffer, used: engine.bytesWritten - addedLength + (bits > 0 ? 1 : 0) };
  } catch (error) {
    throw streamFault(offset, error instanceof Error ? error.message : String(error), error);
  }
}

async function checkSpan(index: GzipIndex, point: number, span: Span, raw: Uint8Array): Promise<void> {
  const expected = index.spanCrc32s?.[point];
  if (expected !== undefined) {
    if (crc32(raw) === expected) return;
    throw streamFault(
      span.packedOffset,
      `the ${raw.length} bytes from ${span.rawOffset} on are not those that the index was made of`,
    );
  }
  const window = point + 1 < index.points.length ? await index.window(point + 1) : undefined;
  if (window === undefined) return;
  const count = Math.min(windowLength, raw.length);
  if (Buffer.compare(raw.subarray(raw.length - count), window.subarray(windowLength - count)) === 0) return;
  throw new GzipIndexError(
    "GZINDEX_OTHER_FILE",
    `the index is for another .gz: the bytes before ${span.rawOffset + raw.length} differ`,
  );
}
