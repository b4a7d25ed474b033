import type { StreamFormat } from "@bootstamp/segment-map";
import type { BlockNote } from "./block.ts";
import { isXz } from "./container/stream-ends.ts";
import { decode } from "./decode.ts";
import { openFrame } from "./frame.ts";
import { locateStored } from "./locate-stored.ts";
import { decoderMemory, encoderMemory } from "./memory.ts";
import { pad } from "./pad-piece.ts";
import { createEncoder } from "./piece-encoder.ts";
import { planSplice } from "./plan-splice.ts";
import { planStream } from "./plan.ts";
import { storedChunkLength } from "./lzma/stored-chunks.ts";
import { formatName, readMap, readOutline } from "./read-map.ts";
import { readStored } from "./read-stored.ts";
import { reseal } from "./reseal.ts";
import { seal } from "./seal.ts";
import { settle } from "./settings.ts";
import { splice } from "./splice.ts";

/**
 * xz (xz file format 1.2.1) that can be stamped: one stream of blocks that each decode alone, the map in its index.
 *
 * Engines: `lzma-native`, and `xz`, the program; both with levels 0 to 9 (default 6) and extreme. Checks: `crc64`
 * (default), `crc32`, `sha256`. Reads also files of other programs, stamps them
 * where their blocks are stored, and splices them elsewhere.
 */
export const format: StreamFormat<BlockNote> = {
  name: formatName,
  extension: ".xz",
  moduleUrl: import.meta.url,
  storedBlockLength: storedChunkLength,
  settle,
  plan: planStream,
  encoderMemory,
  createEncoder,
  openFrame,
  recognises: isXz,
  readMap,
  readOutline,
  decoderMemory,
  decode,
  readStored,
  seal,
  locateStored,
  reseal,
  planSplice,
  pad,
  splice,
};
