import { FileSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import type { Segment } from "@bootstamp/segment-map";
import { mapInOrder, openThreadPool } from "@bootstamp/threads";
import { checkWhole, readMapOf, type DecodeRequest } from "./decode-segments.ts";
import type { DecodeSetup } from "./decode-worker.ts";
import { threadsWithinBudget } from "./memory-budget.ts";
import { workerModule } from "./worker-module.ts";

/** Longer segments are not held whole: they are decoded here, a part at a time. */
const longest = 32 << 20;

/**
 * Decodes a whole file, in threads, and yields its raw bytes in order. What has been yielded of a damaged file may be
 * wrong until the end is reached without an error, because only then all checksums are known to be right.
 * @throws MapError `MAP_*`; SourceError; the signal's reason.
 */
export async function* unpackStream(request: DecodeRequest): AsyncGenerator<Uint8Array> {
  const { path, format, signal, onProgress } = request;
  const map = await readMapOf(path, format);
  const setup: DecodeSetup = { path, moduleUrl: format.moduleUrl };
  const held = Math.min(longest, Math.max(0, ...map.segments.map(({ rawLength }) => rawLength)));
  const threads = threadsWithinBudget(format.decoderMemory(map) + 2 * held, request.threads);
  const pool = openThreadPool<number, Uint8Array>(workerModule("raw-worker"), setup, threads);
  const packed = FileSource.open(path);
  let crc = crc32.empty;
  let rawDone = 0;
  try {
    const begin = async (
      one: Segment,
      index: number,
    ): Promise<AsyncIterable<Uint8Array> | readonly Uint8Array[]> =>
      one.rawLength > longest ? format.decode(map, one, packed) : [await pool.run(index)];
    const begun = mapInOrder(map.segments.entries(), pool.threads * 2, ([index, one]) => begin(one, index));
    for await (const parts of begun) {
      for await (const part of parts) {
        signal?.throwIfAborted();
        crc = crc32.of(part, crc);
        rawDone += part.length;
        yield part;
        onProgress?.({ rawDone, rawLength: map.rawLength });
      }
    }
  } finally {
    packed.close();
    await pool.close();
  }
  checkWhole(map, crc);
}
