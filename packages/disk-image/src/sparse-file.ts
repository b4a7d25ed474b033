import type { FileHandle } from "node:fs/promises";
import { type ByteSource, writeAt } from "@bootstamp/byte-source";

/** The block of the file systems that images are kept on: a hole cannot be finer. */
const block = 4096;
const chunkLength = 1 << 20;
const zeros = Buffer.alloc(block);

/** Writes `bytes` at `offset` of `file`, where nothing was written yet: blocks of zeros are left out, as holes. */
export async function writeSparse(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let from = 0;
  const flush = async (to: number): Promise<void> => {
    if (to > from) await writeAt(file, bytes.subarray(from, to), offset + from);
  };
  // Whole blocks of the file, wherever the bytes start.
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + block - ((offset + at) % block));
    if (zeros.compare(bytes, at, end, 0, end - at) === 0) {
      await flush(at);
      from = end;
    }
    at = end;
  }
  await flush(bytes.length);
}

/** A run of bytes to copy. */
export interface CopiedRange {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/**
 * Copies a run of `source` to where nothing was written yet: zeros become, and stay, holes. Memory: two pieces of 1
 * MiB.
 */
export async function copySparse(
  source: ByteSource,
  file: FileHandle,
  range: CopiedRange,
  onCopied: (bytes: number) => void,
): Promise<void> {
  const pieceAt = async (done: number): Promise<Uint8Array> =>
    await source.read(range.from + done, Math.min(chunkLength, range.length - done));
  let piece = range.length > 0 ? pieceAt(0) : undefined;
  for (let done = 0; piece !== undefined;) {
    const bytes = await piece;
    const next = done + bytes.length;
    // Read ahead while this one is written. Whoever throws first, a failed read is not left unhandled.
    piece = next < range.length ? pieceAt(next) : undefined;
    piece?.catch(() => undefined);
    await writeSparse(file, bytes, range.to + done);
    onCopied(bytes.length);
    done = next;
  }
}
