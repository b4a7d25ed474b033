import { FileSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { checksumFault, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { mapInOrder, openThreadPool } from "@bootstamp/threads";
import type { DecodeSetup } from "./decode-worker.ts";
import { threadsWithinBudget } from "./memory-budget.ts";
import { workerModule } from "./worker-module.ts";

export interface CheckRequest {
  readonly path: string;
  readonly format: StreamFormat;
  /** At most; fewer where the memory would not do. Default: one a core. */
  readonly threads?: number;
  readonly onProgress?: (progress: { readonly rawDone: number; readonly rawLength: number }) => void;
  readonly signal?: AbortSignal;
}

export interface Checked {
  readonly map: SegmentMap;
  /** Of all the raw bytes, as decoded. */
  readonly rawCrc32: number;
}

/**
 * Decodes a whole stampable image or artifact, in threads, and holds every checksum in it against the bytes.
 * Writes nothing. Costs a decompression of the file.
 * @throws MapError `MAP_*`, with the place of the damage, or with the extents that it must be in; SourceError; the
 * signal's reason.
 */
export async function checkImage(request: CheckRequest): Promise<Checked> {
  const map = await readMapOf(request.path, request.format);
  const setup: DecodeSetup = { path: request.path, moduleUrl: request.format.moduleUrl };
  const threads = threadsWithinBudget(request.format.decoderMemory(map), request.threads);
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
  if (map.rawCrc32 !== undefined && map.rawCrc32 !== rawCrc32) throw checksumFault(map, rawCrc32);
  return { map, rawCrc32 };
}

async function readMapOf(path: string, format: StreamFormat): Promise<SegmentMap> {
  const packed = FileSource.open(path);
  try {
    return await format.readMap(packed);
  } finally {
    packed.close();
  }
}
