import { pieceLength } from "./layout.ts";

/**
 * See {@link StreamFormat.encoderMemory}. What the hungriest of the engines takes, libdeflate at level 12, rounded up;
 * our own is content with 3 MiB. They work on pieces so short that it does not matter which one it is.
 */
export function encoderMemory(): number {
  return 10 * pieceLength;
}

/** See {@link StreamFormat.decoderMemory}: a segment of up to 4 MiB, packed twice and inflated; or less, in windows. */
export function decoderMemory(): number {
  return 12 * pieceLength;
}
