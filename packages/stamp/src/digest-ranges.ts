import { createHash } from "node:crypto";
import type { FileSource, Overwrite } from "@bootstamp/byte-source";
import { crc64nvme, type BulkChecksum64 } from "@bootstamp/crc";
import { extentEnd, type Extent } from "@bootstamp/segment-map";
import { beat, type Pulse, type RangesJob } from "./digest-task.ts";
import { overwrittenBytes } from "./overwritten-bytes.ts";

/** Digests of the job's ranges, in hex. Uses all of `window` for reading. */
export function digestRanges(
  source: FileSource,
  { algorithm, ranges, overwrites }: RangesJob,
  checksum: BulkChecksum64,
  window: Uint8Array,
  pulse: Pulse,
): string[] {
  const digestOf = { sha256: sha256Of, crc64nvme: (parts: Parts) => crc64nvmeOf(parts, checksum) }[algorithm];
  return ranges.map((range) => digestOf(overwrittenParts(source, range, overwrites, window, pulse)));
}

type Parts = Iterable<Uint8Array>;

function sha256Of(parts: Parts): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

function crc64nvmeOf(parts: Parts, checksum: BulkChecksum64): string {
  let crc = crc64nvme.empty;
  for (const part of parts) crc = crc64nvme.combine(crc, checksum(part), part.length);
  return crc.toString(16).padStart(16, "0");
}

/** The range's bytes in order, as they are with the overwrites; a part is good until the next is asked for. */
function* overwrittenParts(
  source: FileSource,
  range: Extent,
  overwrites: readonly Overwrite[],
  window: Uint8Array,
  pulse: Pulse,
): Generator<Uint8Array> {
  for (let offset = range.offset; offset < extentEnd(range); offset += window.length) {
    const bytes = window.subarray(0, extentEnd(range) - offset);
    source.readSync(offset, bytes);
    yield* overwrittenBytes(bytes, offset, overwrites);
    beat(pulse, bytes.length);
  }
}
