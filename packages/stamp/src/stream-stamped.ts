import { FileSource, overwrittenSource } from "@bootstamp/byte-source";
import type { StampRequest } from "./stamp-file.ts";
import { verifyStamped } from "./verify-stamped.ts";

export type StreamRequest = Pick<
  StampRequest,
  "format" | "map" | "stampable" | "patch" | "verify" | "signal"
>;

const chunkLength = 1 << 20;

/**
 * Yields an artifact's bytes from the start to the end without making a file. The arrays are the caller's.
 *
 * Nothing is yielded before the patch is known to fit and to read back, and the last chunk only if the stampable file
 * stayed as it was: what ends without an error is the artifact.
 * @throws MapError `MAP_PATCH_NOT_STORED`, `MAP_PATCH_OTHER_BASE`; SourceError `SOURCE_CHANGED`; StampError
 * `STAMP_VERIFY_FAILED`; the signal's reason.
 */
export async function* streamStamped(request: StreamRequest): AsyncGenerator<Uint8Array> {
  const { format, map, stampable, patch, verify = true, signal } = request;
  const { writes } = await format.seal(map, patch, stampable);
  const artifact = overwrittenSource(stampable, writes);
  if (verify) await verifyStamped(format, map, patch, artifact);
  for (let at = 0; at < artifact.length; at += chunkLength) {
    signal?.throwIfAborted();
    const chunk = await artifact.read(at, Math.min(chunkLength, artifact.length - at));
    if (stampable instanceof FileSource && at + chunk.length === artifact.length) stampable.assertUnchanged();
    yield chunk;
  }
}
