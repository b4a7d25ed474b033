import { type EncodedPiece, type EncodeSettings, MapError, type PieceEncoder } from "@bootstamp/segment-map";
import { type BlockNote, encodeBlock } from "./block.ts";
import { dictionaryCode, dictionarySize, smallestDictionary } from "./container/dictionary-size.ts";
import { presetDictionary } from "./engine/preset.ts";
import { lzma2RawLength } from "./lzma/lzma2-length.ts";
import { packStored, storedLength } from "./lzma/stored-chunks.ts";
import { packZeros } from "./lzma/zero-chunks.ts";
import { checkOf, engineOf, presetOf } from "./settings.ts";

/** See {@link StreamFormat.createEncoder}. Packed zeros are kept, one block for each length. */
export async function createEncoder(settings: EncodeSettings): Promise<PieceEncoder<BlockNote>> {
  const lzma2 = engineOf(settings).open(presetOf(settings));
  const check = checkOf(settings);
  const beginCheck = await check.load();
  const zeroBlocks = new Map<number, EncodedPiece<BlockNote>>();

  const checkValue = (raw: Uint8Array): Uint8Array => {
    const running = beginCheck();
    running.update(raw);
    return running.digest();
  };
  const store = (raw: Uint8Array): EncodedPiece<BlockNote> => {
    const block = encodeBlock(packStored(raw), raw.length, smallestDictionary, checkValue(raw));
    return { ...block, kind: "stored" };
  };
  const compress = (raw: Uint8Array): EncodedPiece<BlockNote> => {
    const dictionary = dictionaryFor(settings.level, raw.length);
    const data = lzma2(raw, dictionary);
    checkOutput(settings.engine, data, raw.length);
    // Engines store what does not compress, in chunks of their own lengths; ours bound what a block can come to.
    const smaller = data.length < storedLength(raw.length) ? data : packStored(raw);
    return { ...encodeBlock(smaller, raw.length, dictionary, checkValue(raw)), kind: "compressed" };
  };
  const zeros = (rawLength: number): EncodedPiece<BlockNote> => {
    let piece = zeroBlocks.get(rawLength);
    if (piece === undefined) {
      const value = check.ofZeros(rawLength);
      piece = { ...encodeBlock(packZeros(rawLength), rawLength, smallestDictionary, value), kind: "zero" };
      zeroBlocks.set(rawLength, piece);
    }
    return { ...piece, bytes: piece.bytes.slice() };
  };
  return { compress, zeros, store };
}

/**
 * The preset's dictionary, or the smallest that covers the piece: a longer one would only cost readers memory. Never
 * the smallest that there is: by that one stored blocks are known.
 */
function dictionaryFor(level: number, rawLength: number): number {
  const wanted = Math.max(2 * smallestDictionary, Math.min(presetDictionary(level), rawLength));
  return Math.min(dictionarySize(dictionaryCode(wanted)) ?? wanted, presetDictionary(level));
}

/** Throws unless an engine's output is framed as LZMA2 data of the right length: then no cut output gets into a file. */
function checkOutput(engine: string, data: Uint8Array, rawLength: number): void {
  const packed = lzma2RawLength(data);
  if (packed === rawLength) return;
  throw new MapError(
    "MAP_ENGINE",
    `engine ${engine} failed: it made data for ${packed ?? "no whole number of"} bytes out of ${rawLength}`,
    { engine },
  );
}
