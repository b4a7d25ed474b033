import type { StreamFormat } from "@bootstamp/segment-map";
import { decode } from "./decode.ts";
import { settle } from "./engines.ts";
import { openFrame } from "./frame.ts";
import { isGzip } from "./header.ts";
import { storedBlockLength } from "./stored-run.ts";
import { locateStored } from "./locate-stored.ts";
import { decoderMemory, encoderMemory } from "./memory.ts";
import { pad } from "./pad-piece.ts";
import { createEncoder } from "./piece-encoder.ts";
import { planSplice } from "./plan-splice.ts";
import { planStream } from "./plan.ts";
import { formatName, readMap } from "./read-map.ts";
import { readStored } from "./read-stored.ts";
import { reseal } from "./reseal.ts";
import { seal } from "./seal.ts";
import { splice } from "./splice.ts";

/**
 * gzip (RFC 1952) that can be stamped: one member of segments that each decode alone, the map in its header.
 *
 * Engines: `bootstamp` (levels 1 to 9, default 6), `libdeflate` (1 to 12, default 5), `zlib` and `pako` (1 to 9,
 * default 6). Holds images up to 128 TiB.
 */
export const format: StreamFormat<undefined> = {
  name: formatName,
  extension: ".gz",
  moduleUrl: import.meta.url,
  storedBlockLength,
  settle,
  plan: planStream,
  encoderMemory,
  createEncoder,
  openFrame,
  recognises: isGzip,
  readMap,
  readOutline: readMap,
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
