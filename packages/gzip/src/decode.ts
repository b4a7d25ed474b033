import type { ByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { isZeroRun, type Segment, segmentFault, type MapHead } from "@bootstamp/segment-map";
import { inflateSegment } from "./inflate-segment.ts";
import { readStored } from "./read-stored.ts";
import { compareCheck } from "./segment-check.ts";

const windowLength: number = 1 << 20;

/** See {@link StreamFormat.decode}. Of a segment up to 4 MiB no byte is yielded before its check was compared. */
export async function* decode(
  map: MapHead,
  segment: Segment,
  packed: ByteSource,
): AsyncGenerator<Uint8Array> {
  if (segment.kind === "stored") yield* readWindows(map, segment, packed);
  else yield* inflateChecked(segment, packed);
}

async function* inflateChecked(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  let crc = crc32.empty;
  let rest = segment.rawLength;
  for await (const part of inflateSegment(segment, packed)) {
    // Who knows the map need not decode such a segment, and must not see other bytes than who does.
    if (segment.kind === "zero" && !isZeroRun(part))
      throw segmentFault(segment, "it has other bytes than zeros");
    crc = crc32.of(part, crc);
    rest -= part.length;
    if (rest === 0) compareCheck(segment, crc);
    yield part;
  }
}

async function* readWindows(map: MapHead, segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < segment.rawLength; done += windowLength) {
    const length = Math.min(windowLength, segment.rawLength - done);
    yield await readStored(map, segment, packed, segment.rawOffset + done, length);
  }
}
