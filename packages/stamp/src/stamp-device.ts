import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import {
  checkOverwrites,
  overwrittenSource,
  writeAt,
  type ByteSource,
  type Patch,
} from "@bootstamp/byte-source";
import { crc32, patchedCrc32, crcText } from "@bootstamp/crc";
import type { BaseIdentity } from "@bootstamp/segment-map";
import { explainWriteFailure } from "@bootstamp/whole-file";
import { readFully } from "./read-fully.ts";
import { StampError } from "./stamp-error.ts";

export interface DeviceRequest {
  /** A block device, which nobody else uses, and which begins with the raw base. */
  readonly path: string;
  readonly base: BaseIdentity;
  readonly patch: Patch;
  /** Gets how many bytes of the base have been read. */
  readonly onProgress?: (done: number) => void;
  /** Heeded until the writing begins. */
  readonly signal?: AbortSignal;
}

/**
 * Stamps the raw base that is on a device, where it is, and syncs it. What follows the image stays as it is.
 *
 * There is no place for a journal on a device, and no need: the stamp itself has the new bytes. Before anything is
 * written all of the image is read, and what the patch leaves alone must be the base's. That holds of the base, of a
 * change that was cut off anywhere, and of the variant: to run it once more completes what a crash left half-done.
 * @returns how many bytes were not yet those of the variant.
 * @throws StampError `STAMP_OTHER_BASE`, with nothing written; WholeFileError; the system's errors, `EBUSY` of a device
 * in use among them; the signal's reason.
 */
export async function stampDevice(request: DeviceRequest): Promise<number> {
  const { path, base, patch, signal } = request;
  checkOverwrites(base.rawLength, patch);
  try {
    await using handle = await open(path, constants.O_RDWR | constants.O_EXCL);
    const image = sourceOf(path, handle, base.rawLength);
    await checkAround(image, request);
    signal?.throwIfAborted();
    let changed = 0;
    for (const { offset, bytes } of patch) {
      if (Buffer.compare(await image.read(offset, bytes.length), bytes) === 0) continue;
      await writeAt(handle, bytes, offset);
      changed += bytes.length;
    }
    await handle.sync();
    return changed;
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
}

function sourceOf(path: string, handle: FileHandle, length: number): ByteSource {
  return { length, read: async (offset, count) => await readFully(path, handle, offset, count) };
}

const windowLength = 1 << 20;

async function checkAround(
  image: ByteSource,
  { path, base, patch, onProgress, signal }: DeviceRequest,
): Promise<void> {
  const { rawLength } = base;
  const expected = patchedCrc32(base.rawCrc32, rawLength, patch);
  const variant = overwrittenSource(image, patch);
  let found = crc32.empty;
  for (let at = 0; at < rawLength; at += windowLength) {
    signal?.throwIfAborted();
    found = crc32.of(await variant.read(at, Math.min(windowLength, rawLength - at)), found);
    onProgress?.(Math.min(at + windowLength, rawLength));
  }
  if (found === expected) return;
  throw new StampError(
    "STAMP_OTHER_BASE",
    `${path} does not begin with the stamp's base: with the stamp in it, ${rawLength} bytes would have CRC-32 ` +
      `${crcText(found)}, expected ${crcText(expected)}`,
    { path },
  );
}
