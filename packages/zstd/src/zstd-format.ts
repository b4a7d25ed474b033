import type { StreamFormat } from "@bootstamp/segment-map";
import { maxBlockLength } from "./block.ts";
import { decode } from "./decode.ts";
import { openFrame } from "./frame.ts";
import { locateStored } from "./locate-stored.ts";
import { decoderMemory, encoderMemory } from "./memory.ts";
import type { FrameNote } from "./piece-encoder.ts";
import { createEncoder } from "./piece-encoder.ts";
import { planSplice } from "./plan-splice.ts";
import { planStream } from "./plan.ts";
import { formatName, isZstd, readMap } from "./read-map.ts";
import { readStored } from "./read-stored.ts";
import { reseal } from "./reseal.ts";
import { seal } from "./seal.ts";
import { settle } from "./settings.ts";
import { splice } from "./splice.ts";

/**
 * zstd (RFC 8878) that can be stamped: frames that each decode alone, the map in the seek table and a record before it.
 *
 * Engine: `zstd`, levels 1 to 22 (default 3). Reads also files of other programs, stamps them where their frames are
 * stored, and splices them elsewhere. Holds images up to 32 TiB.
 */
export const format: StreamFormat<FrameNote> = {
  name: formatName,
  extension: ".zst",
  moduleUrl: import.meta.url,
  storedBlockLength: maxBlockLength,
  settle,
  plan: planStream,
  encoderMemory,
  createEncoder,
  openFrame,
  recognises: isZstd,
  readMap,
  readOutline: readMap,
  decoderMemory,
  decode,
  readStored,
  seal,
  locateStored,
  reseal,
  planSplice,
  // A skippable frame would need an entry in the seek table, of a kind that the record does not have.
  pad: (piece, packedLength) => (packedLength === piece.bytes.length ? piece : undefined),
  splice,
};
