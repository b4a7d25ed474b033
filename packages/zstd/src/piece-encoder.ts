import type { EncodeSettings, PieceEncoder } from "@bootstamp/segment-map";
import { openEngine } from "./engine.ts";
import { frameChecksum, packStored, packZeros } from "./own-frame.ts";
import { loadChecksum } from "./xxh64.ts";

/** The lowest 32 bits of the XXH64 of the raw bytes, which the seek table has once more. */
export type FrameNote = number;

/** So many frames of zeros are kept: one for each length, most of them the same. */
const keptLengths = 256;

/** See {@link StreamFormat.createEncoder}. */
export async function createEncoder(settings: EncodeSettings): Promise<PieceEncoder<FrameNote>> {
  const compress = openEngine(settings);
  const checksum = await loadChecksum();
  const zeroFrames = new Map<number, Uint8Array>();
  const zeroFrame = (rawLength: number): Uint8Array => {
    const kept = zeroFrames.get(rawLength);
    if (kept !== undefined) return kept.slice();
    const made = packZeros(rawLength, checksum(new Uint8Array(rawLength)));
    if (zeroFrames.size < keptLengths) zeroFrames.set(rawLength, made);
    return made.slice();
  };
  return {
    compress: (raw) => {
      const bytes = compress(raw);
      return { bytes, kind: "compressed", note: frameChecksum(bytes) };
    },
    zeros: (rawLength) => {
      const bytes = zeroFrame(rawLength);
      return { bytes, kind: "zero", note: frameChecksum(bytes) };
    },
    store: (raw) => {
      const note = checksum(raw);
      return { bytes: packStored(raw, note), kind: "stored", note };
    },
  };
}
