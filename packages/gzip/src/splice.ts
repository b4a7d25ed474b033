import type { ByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import type { NewSegment, SegmentMap, Splice } from "@bootstamp/segment-map";
import { encodeHead, encodeTail, headerLength, readPayload, tailLength } from "./header.ts";
import { encodePayload, type MapEntry, parsePayload } from "./map-payload.ts";
import { checkOf } from "./segment-check.ts";

/**
 * See {@link StreamFormat.splice}. Entries have room for whatever a segment comes to, so the head's length stays, and
 * all before the first new segment is where it was.
 */
export async function splice(
  map: SegmentMap,
  segments: readonly NewSegment<undefined>[],
  rawCrc32: number | undefined,
  packed: ByteSource,
): Promise<Splice> {
  if (rawCrc32 === undefined) throw new Error("internal error: a gzip file has a CRC-32");
  const bytes = await readPayload(packed);
  const payload = parsePayload(bytes);
  const entries = [...payload.entries];
  const places = entryPlaces(map);
  for (const segment of segments) {
    const place = places[segment.index];
    if (place === undefined) throw new Error(`internal error: segment ${segment.index} has no entry`);
    entries[place] = entryOf(segment);
  }
  return {
    head: encodeHead(encodePayload({ ...payload, entries })),
    tail: encodeTail(rawCrc32, map.rawLength),
    bodyOffset: headerLength + bytes.length,
    bodyEnd: packed.length - tailLength,
  };
}

/** By index of a segment, that of its entry; none for stored segments. */
function entryPlaces({ segments }: SegmentMap): (number | undefined)[] {
  let next = 0;
  return segments.map(({ kind }) => (kind === "stored" ? undefined : next++));
}

function entryOf({ pieces }: NewSegment): MapEntry {
  let crc = crc32.empty;
  let packedLength = 0;
  for (const { piece, rawCrc32, packedLength: length } of pieces) {
    crc = crc32.combine(crc, rawCrc32, piece.rawLength);
    packedLength += length;
  }
  return { packedLength, zero: pieces.every(({ kind }) => kind === "zero"), check: checkOf(crc) };
}
