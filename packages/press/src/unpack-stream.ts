import { crc32 } from "@bootstamp/crc";
import { headOfMap, type Segment } from "@bootstamp/segment-map";
import { Halt, mapInOrder } from "@bootstamp/threads";
import { checkWhole, type DecodeRequest } from "./decode-segments.ts";
import type { DecodeSetup } from "./decode-worker.ts";
import { isLong, longestHeld } from "./long-segment.ts";
import { threadsWithinBudget } from "./memory-budget.ts";
import { openSourceThreads } from "./source-threads.ts";
import { workerModule } from "./worker-module.ts";

/**
 * Decodes a whole file, in threads, and yields its raw bytes in order. What has been yielded of a damaged file may be
 * wrong until the end is reached without an error, because only then all checksums are known to be right.
 * @throws MapError `MAP_*`; SourceError; the signal's reason.
 */
export async function* unpackStream(request: DecodeRequest): AsyncGenerator<Uint8Array> {
  const { packed, format, map, signal, onProgress } = request;
  const { moduleUrl } = format;
  using halt = new Halt(signal);
  const setup: DecodeSetup = { moduleUrl, map: headOfMap(map), halt: halt.flag };
  const held = Math.min(
    longestHeld,
    map.segments.reduce((most, { rawLength }) => Math.max(most, rawLength), 0),
  );
  const threads = threadsWithinBudget(
    { each: format.decoderMemory(map) + 2 * held, waiting: held },
    request.threads,
  );
  const pool = openSourceThreads<Segment, Uint8Array>(workerModule("raw-worker"), packed, setup, threads);
  let crc = crc32.empty;
  let rawDone = 0;
  try {
    const begin = async (one: Segment): Promise<AsyncIterable<Uint8Array> | readonly Uint8Array[]> =>
      isLong(one) ? format.decode(map, one, packed) : [await pool.run(one)];
    const begun = mapInOrder(map.segments, pool.threads * 2, begin);
    for await (const parts of begun) {
      for await (const part of parts) {
        signal?.throwIfAborted();
        crc = crc32.of(part, crc);
        rawDone += part.length;
        // Who writes them may have several waiting.
        yield Array.isArray(parts) ? part : new Uint8Array(part);
        onProgress?.({ rawDone, rawLength: map.rawLength });
      }
    }
  } catch (error) {
    throw halt.causeOf(error);
  } finally {
    await pool.close();
  }
  checkWhole(map, crc);
}
