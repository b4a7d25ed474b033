import type { ByteSource } from "@bootstamp/byte-source";
import type { Segment, SegmentMap } from "@bootstamp/segment-map";
import { headerLength, readPayload, readTail, tailLength } from "./header.ts";
import { segmentCuts } from "./layout.ts";
import { type MapPayload, parsePayload } from "./map-payload.ts";
import { storedLength } from "./stored-run.ts";
import { inconsistent } from "./map-fault.ts";

/** See {@link StreamFormat.name}. */
export const formatName = "gz";

/** See {@link StreamFormat.readMap}. Two short reads and one of 16 KiB at most. */
export async function readMap(packed: ByteSource): Promise<SegmentMap> {
  const bytes = await readPayload(packed);
  const payload = parsePayload(bytes);
  const { rawLength } = payload.layout;
  const rawCrc32 = await readTail(packed, rawLength);
  const segments = locate(payload, headerLength + bytes.length, packed.length - tailLength);
  return {
    format: formatName,
    rawLength,
    packedLength: packed.length,
    segments,
    base: { rawLength, rawCrc32: payload.baseCrc32 },
    rawCrc32,
    storedUnchecked: true,
    engine: payload.engine,
  };
}

/** Lays the segments from `packedStart` to `packedEnd`, which they must fill. */
function locate({ layout, entries }: MapPayload, packedStart: number, packedEnd: number): Segment[] {
  const segments: Segment[] = [];
  const rest = entries.values();
  let packedOffset = packedStart;
  for (const { rawOffset, rawLength, stored } of segmentCuts(layout)) {
    const limit = storedLength(rawLength);
    const entry = stored ? undefined : rest.next().value;
    const packedLength = entry?.packedLength ?? limit;
    const kind = entry === undefined ? "stored" : entry.zero ? "zero" : "compressed";
    // No segment is longer than if it were stored; nor do lengths out of bounds get a chance to add up.
    if (packedLength === 0 || packedLength > Math.min(limit, packedEnd - packedOffset)) {
      throw inconsistent(
        `the segment at raw offset ${rawOffset} has ${packedLength} bytes from ${packedOffset}, the last one ends at ${packedEnd}`,
      );
    }
    const place = { kind, rawOffset, rawLength, packedOffset, packedLength } as const;
    segments.push(entry === undefined ? place : { ...place, formatNote: entry.check });
    packedOffset += packedLength;
  }
  if (packedOffset !== packedEnd) {
    throw inconsistent(`the segments end at ${packedOffset}, expected ${packedEnd}`);
  }
  return segments;
}
