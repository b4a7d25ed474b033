import type { EncodeSettings, PieceEncoder } from "@bootstamp/segment-map";
import { openEngine } from "./engines.ts";
import { packStored, storedLength } from "./stored-run.ts";
import { packZeros } from "./zero-run.ts";

/** Zeros below this length are shorter stored than deflated by {@link packZeros}. */
const smallRun = 512;

/** See {@link StreamFormat.createEncoder}. A gzip frame needs no notes. */
export async function createEncoder(settings: EncodeSettings): Promise<PieceEncoder<undefined>> {
  const deflate = await openEngine(settings);
  return {
    compress: (raw) => ({ bytes: shorter(deflate(raw), raw), kind: "compressed", note: undefined }),
    zeros: (rawLength) => ({
      bytes: rawLength < smallRun ? packStored(new Uint8Array(rawLength)) : packZeros(rawLength),
      kind: "zero",
      note: undefined,
    }),
    store: (raw) => ({ bytes: packStored(raw), kind: "stored", note: undefined }),
  };
}

/** Engines store what does not compress, in blocks of their own size; ours bound what a segment can come to. */
function shorter(packed: Uint8Array, raw: Uint8Array): Uint8Array {
  return packed.length > storedLength(raw.length) ? packStored(raw) : packed;
}
