import {
  type EncodedPiece,
  type EncodeSettings,
  MapError,
  type PieceEncoder,
  release,
} from "@bootstamp/segment-map";
import { type BlockNote, encodeBlock, incompressiblePadding } from "./block.ts";
import { dictionaryCode, dictionarySize, smallestDictionary } from "./container/dictionary-size.ts";
import { presetDictionary } from "./engine/preset.ts";
import { lzma2RawLength } from "./lzma/lzma2-length.ts";
import { packStored, storedLength } from "./lzma/stored-chunks.ts";
import { packZeros, surroundWithZeros } from "./lzma/zero-chunks.ts";
import { findMiddle } from "./lzma/zero-ends.ts";
import { type Parts, partsLength } from "./parts.ts";
import { checkOf, engineOf, presetOf } from "./settings.ts";

/**
 * See {@link StreamFormat.createEncoder}. Packed zeros are kept, one block for each length. Nor does the engine see the
 * zeros at either end of what it compresses: they take it a thirtieth of the time of other bytes, and many are there.
 */
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
  const store = (raw: Uint8Array): EncodedPiece<BlockNote> => ({
    ...encodeBlock({
      data: packStored(raw),
      rawLength: raw.length,
      dictionaryLength: smallestDictionary,
      check: checkValue(raw),
    }),
    kind: "stored",
  });
  const zeros = (rawLength: number): EncodedPiece<BlockNote> => {
    let piece = zeroBlocks.get(rawLength);
    if (piece === undefined) {
      const parts = { data: [packZeros(rawLength)], rawLength, check: check.ofZeros(rawLength) };
      piece = { ...encodeBlock({ ...parts, dictionaryLength: smallestDictionary }), kind: "zero" };
      zeroBlocks.set(rawLength, piece);
    }
    return { ...piece, bytes: piece.bytes.slice() };
  };
  const compress = (raw: Uint8Array): EncodedPiece<BlockNote> => {
    const { start, end } = findMiddle(raw);
    if (start === end) return zeros(raw.length);
    const dictionaryLength = dictionaryFor(settings.level, end - start);
    const middle = lzma2(raw.subarray(start, end), dictionaryLength);
    checkOutput(settings.engine, middle, end - start);
    const made = surroundWithZeros(start, middle, raw.length - end);
    const smaller = partsLength(made) < storedLength(raw.length);
    // Engines store what does not compress, in chunks of their own lengths; ours bound what a block can come to.
    const data = smaller ? made : packStored(raw);
    const extraPadding = smaller ? 0 : incompressiblePadding;
    const parts = { data, rawLength: raw.length, dictionaryLength, extraPadding };
    const block = encodeBlock({ ...parts, check: checkValue(raw) });
    for (const part of middle) release(part);
    return { ...block, kind: "compressed" };
  };
  return { compress, zeros, store };
}

/** The preset's dictionary, or the smallest that covers the piece: a longer one would only cost readers memory. */
function dictionaryFor(level: number, rawLength: number): number {
  const wanted = Math.max(smallestDictionary, Math.min(presetDictionary(level), rawLength));
  return Math.min(dictionarySize(dictionaryCode(wanted)) ?? wanted, presetDictionary(level));
}

/** Throws unless an engine's output is framed as LZMA2 data of the right length: then no cut output gets into a file. */
function checkOutput(engine: string, data: Parts, rawLength: number): void {
  const packed = lzma2RawLength(data);
  if (packed === rawLength) return;
  throw new MapError(
    "MAP_ENGINE",
    `engine ${engine} failed: it made data for ${packed ?? "no whole number of"} bytes out of ${rawLength}`,
    { engine },
  );
}
