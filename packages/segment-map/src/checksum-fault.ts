import { crcText } from "@bootstamp/crc";
import { extentsText } from "./extents-text.ts";
import { MapError } from "./map-error.ts";
import { type SegmentMap, storedExtents } from "./segment-map.ts";

/**
 * The fault `MAP_CHECKSUM` of a file whose segments all decode, but to raw bytes of CRC-32 `got`, which is not
 * `map.rawCrc32`. Says where the damage must lie: what decoding vouches for is not damaged.
 * @param likely what is likely beyond that.
 */
export function checksumFault(map: SegmentMap, got: number, likely?: LikelyDamage): MapError {
  const { rawCrc32: expected = 0 } = map;
  const more = likely === undefined ? "" : `; ${likely.text}`;
  return new MapError(
    "MAP_CHECKSUM",
    `the file decodes to bytes of CRC-32 ${crcText(got)}, but says ${crcText(expected)}: ${whereDamaged(map, got)}${more}`,
    { got, expected, ...(likely === undefined ? {} : { rawOffset: likely.rawOffset }) },
  );
}

export interface LikelyDamage {
  readonly rawOffset: number;
  /** For the end of a message. */
  readonly text: string;
}

function whereDamaged(map: SegmentMap, got: number): string {
  if (got === map.base?.rawCrc32) return "the bytes are the base's, so the checksum itself is damaged";
  const stored = map.storedUnchecked === true ? storedExtents(map) : [];
  if (stored.length === 0) return "every segment is as its own check says, so the checksum itself is damaged";
  return `every compressed segment is as its own check says, so the damage is in the checksum itself or in the stored extents: ${extentsText(stored)}`;
}
