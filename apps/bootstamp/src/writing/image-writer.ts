import type { ImageView } from "../image-exports.ts";
import { NbdError, type NbdWriter } from "@bootstamp/nbd";

/** How to write into the raw image, or into parts of it. Offsets are raw ones. */
export interface ImageWriter extends Required<NbdWriter> {
  /** Whether all of a range may be written to. */
  covers(offset: number, length: number): boolean;
}

/** A writer that is to be closed once nobody writes any more. */
export interface OpenWriter {
  readonly writer: ImageWriter;
  /** The image with what is written. */
  readonly view: ImageView;
  /** Brings what was written into its final order. */
  close(): Promise<void>;
}

/** The writer of an export that begins `start` bytes into the image. What may not be written to there is refused. */
export function exportWriter(writer: ImageWriter, start: number): NbdWriter {
  const allowed = (offset: number, length: number): number => {
    if (writer.covers(start + offset, length)) return start + offset;
    throw new NbdError(
      "NBD_NOT_PERMITTED",
      `${length} bytes at offset ${start + offset} of the image are not all in what may be written to`,
      { offset: start + offset, length },
    );
  };
  return {
    write: async (offset, bytes) => await writer.write(allowed(offset, bytes.length), bytes),
    writeZeroes: async (offset, length, options) =>
      await writer.writeZeroes(allowed(offset, length), length, options),
    trim: async (offset, length) => await writer.trim(allowed(offset, length), length),
    flush: async () => await writer.flush(),
  };
}

const zeros = new Uint8Array(1 << 20);

/** Zeroes a range by writing, a MiB at a time. */
export async function writeZeros(
  write: (offset: number, bytes: Uint8Array) => Promise<void>,
  offset: number,
  length: number,
): Promise<void> {
  for (let done = 0; done < length; done += zeros.length) {
    await write(offset + done, zeros.subarray(0, Math.min(zeros.length, length - done)));
  }
}

const full: ReadonlySet<unknown> = new Set(["FILE_DISK_FULL", "FILE_TOO_LARGE", "COW_FULL"]);

/** What has no room, as NBD says it; other errors as they are. */
export async function tellingFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw error instanceof Error && full.has(code)
      ? new NbdError("NBD_NO_SPACE", error.message, {}, { cause: error })
      : error;
  }
}
