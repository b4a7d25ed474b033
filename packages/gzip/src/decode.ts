import type { ByteSource } from "@bootstamp/byte-source";
import type { Segment, SegmentMap } from "@bootstamp/segment-map";
import { inflateSegment } from "./inflate-segment.ts";
import { readStored } from "./read-stored.ts";
import { segmentFault } from "./segment-fault.ts";

const windowLength: number = 1 << 20;

/** See {@link StreamFormat.decode}. */
export async function* decode(
  map: SegmentMap,
  segment: Segment,
  packed: ByteSource,
): AsyncGenerator<Uint8Array> {
  switch (segment.kind) {
    case "stored":
      yield* readWindows(map, segment, packed);
      return;
    case "compressed":
      yield* inflateSegment(segment, packed);
      return;
    case "zero":
      for await (const part of inflateSegment(segment, packed)) {
        // Who knows the map need not decode such a segment, and must not see other bytes than who does.
        if (part.some((byte) => byte !== 0)) throw segmentFault(segment, "it has other bytes than zeros");
        yield part;
      }
      return;
  }
}

async function* readWindows(
  map: SegmentMap,
  segment: Segment,
  packed: ByteSource,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < segment.rawLength; done += windowLength) {
    const length = Math.min(windowLength, segment.rawLength - done);
    yield await readStored(map, segment, packed, segment.rawOffset + done, length);
  }
}
