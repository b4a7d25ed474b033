import { FileSource } from "@bootstamp/byte-source";
import { prepareSplice } from "./prepare-splice.ts";
import type { RepackRequest } from "./repack.ts";
import { Spool } from "./spool.ts";
import { verifySpliced } from "./verify-spliced.ts";

const chunkLength = 1 << 20;

/**
 * Yields the bytes of the artifact that `spliceFile` makes, from the start to the end, without making a file. The arrays
 * are the caller's.
 *
 * Nothing is yielded before all is packed and read back, and the last chunk only if the stampable file stayed as it was:
 * what ends without an error is the artifact. Keeps what is packed anew in a temporary file without a name.
 * @throws as `spliceFile`, but for what has to do with its output.
 */
export async function* streamSpliced(request: RepackRequest): AsyncGenerator<Uint8Array> {
  const { format, map, stampable, signal } = request;
  using spool = new Spool();
  const prepared = await prepareSplice(request, spool);
  const { content } = prepared;
  await verifySpliced(format, map, prepared, content);
  for (let at = 0; at < content.length; at += chunkLength) {
    signal?.throwIfAborted();
    const chunk = await content.read(at, Math.min(chunkLength, content.length - at));
    const last = at + chunk.length === content.length;
    if (last && stampable instanceof FileSource) stampable.assertUnchanged();
    yield chunk;
  }
}
