import type { EncodeSettings, PieceEncoder } from "@bootstamp/segment-map";
import { openEngine } from "./engines.ts";
import { packStored, storedLength } from "./stored-run.ts";
import { packZeros } from "./zero-run.ts";

/** See {@link StreamFormat.createEncoder}. A gzip frame needs no notes. */
export async function createEncoder(settings: EncodeSettings): Promise<PieceEncoder<undefined>> {
  const deflate = await openEngine(settings);
  const compress = (raw: Uint8Array): Uint8Array => {
    const packed = deflate(raw);
    // Engines store what does not compress, in blocks of their own size; ours bound what a segment can come to.
    return packed.length > storedLength(raw.length) ? packStored(raw) : packed;
  };
  return {
    compress: (raw) => ({ bytes: compress(raw), kind: "compressed", note: undefined }),
    zeros: (rawLength) => ({ bytes: packZeros(rawLength), kind: "zero", note: undefined }),
    store: (raw) => ({ bytes: packStored(raw), kind: "stored", note: undefined }),
  };
}
