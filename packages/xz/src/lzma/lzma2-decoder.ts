// The chunks of LZMA2, which is what an xz block holds. Described with the code of xz-embedded (xz_dec_lzma2.c).
//
//   00                                     end
//   01, 02   length - 1 (u16)  bytes       uncompressed; 01 resets the dictionary
//   03..7F                                 none
//   80..FF   raw length - 1 (low 16 of 21 bits)  code length - 1 (u16)  [properties]  code
//            bits 0..4 of the control are the high bits of raw length - 1; bits 5..6:
//            0 nothing reset, 1 state reset, 2 state reset and properties, 3 these and dictionary reset
//
// Numbers are big-endian. The first chunk must reset the dictionary, the first LZMA chunk after that bring properties.
import { CorruptData } from "../corrupt-data.ts";
import type { PackedReader } from "../packed-reader.ts";
import { LzmaWindow } from "./lzma-window.ts";
import { parseProperties } from "./properties.ts";

const endControl = 0x00;
const storedWithReset = 0x01;
const stored = 0x02;
const firstLzma = 0x80;
/** Values of bits 5..6 from which on something is reset or brought. */
const withState = 1;
const withProperties = 2;
const withDictionary = 3;

/** What a chunk says of itself, before its bytes. */
interface Chunk {
  readonly rawLength: number;
  /** Absent for uncompressed chunks. */
  readonly codeLength: number | undefined;
  readonly resetsDictionary: boolean;
  /** 0..3, see above. */
  readonly reset: number;
}

/** What a block's data must come to. */
export interface Expected {
  /** Bytes in all. */
  readonly rawLength: number;
  /** As in the filter's properties. */
  readonly dictionaryLength: number;
}

/**
 * Decodes LZMA2 data up to its end marker, in parts of up to 2 MiB, each good until the next is asked for. Holds the
 * dictionary, as far as the data fill it, and two parts.
 * @throws CorruptData also where the data come to more or less than `expected`.
 */
export async function* decodeLzma2(reader: PackedReader, expected: Expected): AsyncGenerator<Uint8Array> {
  const window = await LzmaWindow.open(Math.min(expected.dictionaryLength, expected.rawLength));
  try {
    yield* decodeChunks(reader, window, expected);
  } finally {
    window.free();
  }
}

async function* decodeChunks(
  reader: PackedReader,
  window: LzmaWindow,
  expected: Expected,
): AsyncGenerator<Uint8Array> {
  let needsDictionary = true;
  let needsProperties = true;
  let rest = expected.rawLength;
  for (;;) {
    const chunk = await readChunk(reader);
    if (chunk === undefined) break;
    if (chunk.rawLength > rest)
      throw new CorruptData(`its data come to more than ${expected.rawLength} bytes`);
    if (chunk.resetsDictionary) window.resetDictionary();
    else if (needsDictionary) throw new CorruptData("its first chunk does not reset the dictionary");
    needsDictionary = false;
    rest -= chunk.rawLength;
    if (chunk.codeLength === undefined) {
      needsProperties ||= chunk.resetsDictionary;
      yield window.store(await reader.take(chunk.rawLength));
      continue;
    }
    if (needsProperties && chunk.reset < withProperties) {
      throw new CorruptData("an LZMA chunk brings no properties where there are none");
    }
    needsProperties = false;
    await resetDecoder(reader, window, chunk.reset);
    yield window.decode(await reader.take(chunk.codeLength), chunk.rawLength);
  }
  if (rest > 0) throw new CorruptData(`its data end ${rest} bytes before ${expected.rawLength}`);
}

/** Undefined for the end marker. */
async function readChunk(reader: PackedReader): Promise<Chunk | undefined> {
  const [control = 0] = await reader.take(1);
  if (control === endControl) return undefined;
  if (control === storedWithReset || control === stored) {
    const rawLength = (await readU16(reader)) + 1;
    return { rawLength, codeLength: undefined, resetsDictionary: control === storedWithReset, reset: 0 };
  }
  if (control < firstLzma) throw new CorruptData(`a chunk has the control byte ${control}`);
  const reset = (control >> 5) & 3;
  const rawLength = ((control & 0x1f) << 16) + (await readU16(reader)) + 1;
  const codeLength = (await readU16(reader)) + 1;
  return { rawLength, codeLength, resetsDictionary: reset === withDictionary, reset };
}

async function resetDecoder(reader: PackedReader, window: LzmaWindow, reset: number): Promise<void> {
  if (reset < withState) return;
  if (reset < withProperties) return window.reset();
  const [byte = 0] = await reader.take(1);
  const properties = parseProperties(byte);
  if (properties === undefined) throw new CorruptData(`a chunk has the properties ${byte}`);
  window.reset(properties);
}

async function readU16(reader: PackedReader): Promise<number> {
  const [high = 0, low = 0] = await reader.take(2);
  return (high << 8) | low;
}
