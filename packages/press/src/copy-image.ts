import { closeSync, fsyncSync, ftruncateSync, openSync } from "node:fs";
import type { ByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import type { Extent } from "@bootstamp/segment-map";
import { explainWriteFailure, writeWholeFile } from "@bootstamp/whole-file";
import { writeRaw } from "./write-raw.ts";

export interface CopyRequest {
  /** The raw bytes, in order, such as {@link chunksOf} gives. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Where the raw image goes. */
  readonly output: string;
  readonly onProgress?: (rawDone: number) => void;
  readonly signal?: AbortSignal;
}

export interface Copied {
  readonly rawLength: number;
  readonly rawCrc32: number;
}

/**
 * Writes a raw image, which appears at `output` when all of it is there; 4 KiB blocks of zeros are left as holes.
 * @throws what `chunks` throws; WholeFileError; the signal's reason.
 */
export async function copyImage(request: CopyRequest): Promise<Copied> {
  return await writeWholeFile(request.output, async (temporaryPath) => {
    const descriptor = openSync(temporaryPath, "wx");
    try {
      const copied = await copy(request, descriptor, true);
      // What ends in zeros was written short.
      ftruncateSync(descriptor, copied.rawLength);
      return copied;
    } finally {
      closeSync(descriptor);
    }
  });
}

/** As {@link copyImage}, onto what is at `output` already, such as a device: zeros too, and synced. */
export async function copyOnto(request: CopyRequest): Promise<Copied> {
  const descriptor = openSync(request.output, "r+");
  try {
    const copied = await copy(request, descriptor, false);
    fsyncSync(descriptor);
    return copied;
  } catch (error) {
    throw explainWriteFailure(request.output, error);
  } finally {
    closeSync(descriptor);
  }
}

/** Takes all chunks, and writes nothing. @throws as {@link copyImage}. */
export async function drainImage(request: Omit<CopyRequest, "output">): Promise<Copied> {
  return await drain(request, () => undefined);
}

async function copy(request: CopyRequest, descriptor: number, zeroed: boolean): Promise<Copied> {
  return await drain(request, (chunk, offset) => writeRaw(descriptor, chunk, offset, zeroed));
}

async function drain(
  request: Omit<CopyRequest, "output">,
  take: (chunk: Uint8Array, offset: number) => void,
): Promise<Copied> {
  let rawLength = 0;
  let rawCrc32 = crc32.empty;
  for await (const chunk of request.chunks) {
    request.signal?.throwIfAborted();
    take(chunk, rawLength);
    rawCrc32 = crc32.of(chunk, rawCrc32);
    rawLength += chunk.length;
    request.onProgress?.(rawLength);
  }
  return { rawLength, rawCrc32 };
}

const chunkLength: number = 1 << 20;

/** All bytes of a source in order, in arrays of 1 MiB at most; the next is read while one is worked on. */
export async function* chunksOf(
  source: ByteSource,
  { offset, length }: Extent = { offset: 0, length: source.length },
): AsyncGenerator<Uint8Array> {
  const end = offset + length;
  const read = async (at: number): Promise<Uint8Array> =>
    await source.read(at, Math.min(chunkLength, end - at));
  if (length === 0) return;
  let next = read(offset);
  for (let at = offset + chunkLength; at < end; at += chunkLength) {
    const chunk = await next;
    next = read(at);
    // A failure shows when its turn comes; until then it must not count as unhandled.
    next.catch(() => undefined);
    yield chunk;
  }
  yield await next;
}
