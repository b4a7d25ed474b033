import { closeSync, fsyncSync, ftruncateSync, openSync } from "node:fs";
import { explainWriteFailure, writeWholeFile } from "@bootstamp/whole-file";
import { decodeSegments, type Decoded, type DecodeRequest } from "./decode-segments.ts";

export interface UnpackRequest extends DecodeRequest {
  /** Where the raw image goes. */
  readonly output: string;
}

/**
 * Decodes a whole file into a raw image, in threads. The image appears at `output` when every checksum is found right;
 * 4 KiB blocks of zeros are left as holes.
 * @throws MapError `MAP_*`; SourceError; WholeFileError; the signal's reason.
 */
export async function unpackImage(request: UnpackRequest): Promise<Decoded> {
  return await writeWholeFile(request.output, async (temporaryPath) => {
    const descriptor = openSync(temporaryPath, "wx");
    try {
      ftruncateSync(descriptor, request.map.rawLength);
    } finally {
      closeSync(descriptor);
    }
    return await decodeSegments(request, { path: temporaryPath, zeroed: true });
  });
}

/**
 * As {@link unpackImage}, onto what is at `output` already, such as a device: every byte is written, zeros too, and
 * synced. Whatever fails, `output` is left with a part of the image. The caller has seen to it that it is large enough.
 */
export async function unpackOnto(request: UnpackRequest): Promise<Decoded> {
  const descriptor = openSync(request.output, "r+");
  try {
    const decoded = await decodeSegments(request, { path: request.output, zeroed: false });
    fsyncSync(descriptor);
    return decoded;
  } catch (error) {
    throw explainWriteFailure(request.output, error);
  } finally {
    closeSync(descriptor);
  }
}
