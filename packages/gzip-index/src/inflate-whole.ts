import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { ByteSource } from "@bootstamp/byte-source";
import { GzipIndexError } from "./gzip-index-error.ts";

const windowLength: number = 256 << 10;

/**
 * Yields what a whole .gz inflates to, in order, in the thread pool, and holds it against the CRC-32 and the length of
 * every member. Makes no index. The arrays are the caller's. Zeros behind the last member are passed over;
 * of anything else there, `gzip -t` complains too.
 * @throws GzipIndexError `GZINDEX_STREAM_DAMAGED`; what reading `packed` throws.
 */
export async function* inflateWhole(packed: ByteSource): AsyncGenerator<Uint8Array> {
  const inflate = createGunzip({ chunkSize: windowLength });
  const fed = pipeline(Readable.from(windowsOf(packed), { objectMode: false }), inflate);
  // The same failure comes out of `inflate`, where it is dealt with.
  fed.catch(() => undefined);
  try {
    for await (const part of inflate) yield new Uint8Array(part);
  } catch (error) {
    throw faultOf(error);
  }
}

/** One window is read while the one before it is inflated. */
async function* windowsOf(packed: ByteSource): AsyncGenerator<Uint8Array> {
  const read = async (offset: number): Promise<Uint8Array> =>
    await packed.read(offset, Math.min(windowLength, packed.length - offset));
  let next = read(0);
  for (let offset = windowLength; offset < packed.length; offset += windowLength) {
    const window = await next;
    next = read(offset);
    // A failure shows when its turn comes; until then it must not count as unhandled.
    next.catch(() => undefined);
    yield window;
  }
  yield await next;
}

/** What zlib complains of is the file's fault; a source that cannot be read is not. */
function faultOf(error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  if (typeof error.code !== "string" || !error.code.startsWith("Z_")) return error;
  return new GzipIndexError(
    "GZINDEX_STREAM_DAMAGED",
    `the gzip file is damaged: ${error.message}`,
    {},
    { cause: error },
  );
}
