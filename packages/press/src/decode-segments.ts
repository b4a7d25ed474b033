import { FileSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { checksumFault, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { mapInOrder, openThreadPool } from "@bootstamp/threads";
import type { DecodeSetup, DecodeTarget } from "./decode-worker.ts";
import { threadsWithinBudget } from "./memory-budget.ts";
import { workerModule } from "./worker-module.ts";

export interface DecodeRequest {
  readonly path: string;
  readonly format: StreamFormat;
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
  readonly map: SegmentMap;
  /** Of all the raw bytes, as decoded. */
  readonly rawCrc32: number;
}

/** Decodes all segments in threads, which write them to `target` if there is one, and checks every checksum. */
export async function decodeSegments(
  request: DecodeRequest,
  map: SegmentMap,
  target?: DecodeTarget,
): Promise<Decoded> {
  const { path, format } = request;
  const setup: DecodeSetup = {
    path,
    moduleUrl: format.moduleUrl,
    ...(target === undefined ? {} : { target }),
  };
  const threads = threadsWithinBudget(format.decoderMemory(map), request.threads);
  const pool = openThreadPool<number, number>(workerModule("decode-worker"), setup, threads);
  let rawCrc32 = crc32.empty;
  const decode = async (segment: Segment, index: number): Promise<{ segment: Segment; crc: number }> => ({
    segment,
    crc: await pool.run(index),
  });
  try {
    const decoded = mapInOrder(map.segments.entries(), pool.threads * 2, ([index, segment]) =>
      decode(segment, index),
    );
    for await (const { segment, crc } of decoded) {
      request.signal?.throwIfAborted();
      rawCrc32 = crc32.combine(rawCrc32, crc, segment.rawLength);
      request.onProgress?.({ rawDone: segment.rawOffset + segment.rawLength, rawLength: map.rawLength });
    }
  } finally {
    await pool.close();
  }
  checkWhole(map, rawCrc32);
  return { map, rawCrc32 };
}

/** @throws MapError `MAP_CHECKSUM` if the file says another CRC-32 of all its raw bytes than they have. */
export function checkWhole(map: SegmentMap, rawCrc32: number): void {
  if (map.rawCrc32 !== undefined && map.rawCrc32 !== rawCrc32) throw checksumFault(map, rawCrc32);
}

export async function readMapOf(path: string, format: StreamFormat): Promise<SegmentMap> {
  const packed = FileSource.open(path);
  try {
    return await format.readMap(packed);
  } finally {
    packed.close();
  }
}
