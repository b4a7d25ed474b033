import type { ByteSource } from "@bootstamp/byte-source";
import type { Segment, MapHead, StreamFormat } from "@bootstamp/segment-map";
import type { HaltFlag } from "@bootstamp/threads";
import { haltable } from "./haltable.ts";

/** All raw bytes of a segment, the caller's. @throws MapError `MAP_SEGMENT_DAMAGED`. */
export async function wholeSegment(
  format: StreamFormat,
  map: MapHead,
  segment: Segment,
  packed: ByteSource,
  halt?: HaltFlag,
): Promise<Uint8Array> {
  const raw = new Uint8Array(segment.rawLength);
  let at = 0;
  for await (const part of haltable(format.decode(map, segment, packed), halt)) {
    raw.set(part, at);
    at += part.length;
  }
  return raw;
}
