import type { ByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  checksumFault,
  headOfMap,
  type LikelyDamage,
  type Segment,
  type SegmentMap,
  storedExtents,
  type StreamFormat,
  totalLength,
} from "@bootstamp/segment-map";
import { Halt, mapInOrder } from "@bootstamp/threads";
import type { DecodeSetup, DecodeTarget } from "./decode-worker.ts";
import { flippedBits } from "./flipped-bit.ts";
import { threadsWithinBudget } from "./memory-budget.ts";
import { openSourceThreads } from "./source-threads.ts";
import { workerModule } from "./worker-module.ts";

/** Stored bytes that are searched for a flipped bit, which takes a second or so at most. */
const searchedLength: number = 256 << 20;

export interface DecodeRequest {
  /** The compressed file: one on this machine is read by the threads themselves, any other through this thread. */
  readonly packed: ByteSource;
  readonly format: StreamFormat;
  /** What `format.readMap` gave for `packed`. */
  readonly map: SegmentMap;
  /** At most; fewer where the memory would not do. Default: one a core. */
  readonly threads?: number;
  readonly onProgress?: (progress: DecodeProgress) => void;
  readonly signal?: AbortSignal;
}

/** How far a decoding is, in bytes. */
export interface DecodeProgress {
  readonly rawDone: number;
  readonly rawLength: number;
}

export interface Decoded {
  /** Of all the raw bytes, as decoded. */
  readonly rawCrc32: number;
}

/** Decodes all segments in threads, which write them to `target` if there is one, and checks every checksum. */
export async function decodeSegments(request: DecodeRequest, target?: DecodeTarget): Promise<Decoded> {
  const { packed, format, map } = request;
  using halt = new Halt(request.signal);
  const setup: DecodeSetup = {
    moduleUrl: format.moduleUrl,
    map: headOfMap(map),
    halt: halt.flag,
    ...(target === undefined ? {} : { target }),
  };
  const threads = threadsWithinBudget({ each: format.decoderMemory(map), waiting: 0 }, request.threads);
  const pool = openSourceThreads<Segment, number>(workerModule("decode-worker"), packed, setup, threads);
  let rawCrc32 = crc32.empty;
  const decode = async (segment: Segment): Promise<{ segment: Segment; crc: number }> => ({
    segment,
    crc: await pool.run(segment),
  });
  try {
    const decoded = mapInOrder(map.segments, pool.threads * 2, decode);
    for await (const { segment, crc } of decoded) {
      request.signal?.throwIfAborted();
      rawCrc32 = crc32.combine(rawCrc32, crc, segment.rawLength);
      request.onProgress?.({ rawDone: segment.rawOffset + segment.rawLength, rawLength: map.rawLength });
    }
  } catch (error) {
    throw halt.causeOf(error);
  } finally {
    await pool.close();
  }
  checkWhole(map, rawCrc32);
  return { rawCrc32 };
}

/** @throws MapError `MAP_CHECKSUM` if the file says another CRC-32 of all its raw bytes than they have. */
export function checkWhole(map: SegmentMap, rawCrc32: number): void {
  if (map.rawCrc32 === undefined || map.rawCrc32 === rawCrc32) return;
  throw checksumFault(map, rawCrc32, likelyDamage(map, map.rawCrc32, rawCrc32));
}

/** Damage of several bits seldom looks like one flipped bit of a stored byte: if exactly one fits, it is probably that. */
function likelyDamage(map: SegmentMap, expected: number, got: number): LikelyDamage | undefined {
  const stored = map.storedUnchecked === true ? storedExtents(map) : [];
  if (totalLength(stored) > searchedLength) return undefined;
  const [place, ...others] = flippedBits(stored, map.rawLength, expected, got);
  if (place === undefined || others.length > 0) return undefined;
  const { rawOffset, bit } = place;
  return { rawOffset, text: `if it is one bit, it is bit ${bit} of the byte at raw offset ${rawOffset}` };
}
