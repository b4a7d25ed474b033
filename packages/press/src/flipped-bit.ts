// Where a single flipped bit must be for a CRC-32 to come out as it did.
//
// A bit that is flipped `tail` bytes before the end changes the CRC by x^(8 * tail) * e, e being one of eight constants,
// one for each bit of a byte. So the change, divided by x^8 once for each byte on the way from the end to the front,
// is one of these constants where the bit may be. Among 512 MiB some bit always fits by chance; among the few bytes that
// are stored one seldom does, so that one which fits is probably the one.
import { crc32 } from "@bootstamp/crc";
import { type Extent, extentEnd } from "@bootstamp/segment-map";

/** A bit of the raw image. */
export interface BitPlace {
  readonly rawOffset: number;
  /** 0 to 7, the lowest first. */
  readonly bit: number;
}

const allOnes = crc32.of(Uint8Array.of(0xff));
/** What a byte that is shifted out of the register puts in: `table[byte]`. */
const table: Int32Array = Int32Array.from(
  { length: 256 },
  (_, byte) => crc32.of(Uint8Array.of(byte ^ 0xff)) ^ allOnes,
);
/** The byte of which the table's entry has this highest byte: there is one of each. */
const byteOfHighest: Uint8Array = new Uint8Array(256);
for (const [byte, entry] of table.entries()) byteOfHighest[entry >>> 24] = byte;

/**
 * The bits in `extents`, of which any one flipped changes the CRC-32 of an image of `rawLength` bytes from `expected` to
 * `got`. Costs a few nanoseconds a byte of the extents.
 */
export function flippedBits(
  extents: readonly Extent[],
  rawLength: number,
  expected: number,
  got: number,
): BitPlace[] {
  const places: BitPlace[] = [];
  for (const extent of extents) {
    let change = crc32.prefix((expected ^ got) >>> 0, crc32.empty, rawLength - extentEnd(extent)) | 0;
    for (let rawOffset = extentEnd(extent) - 1; rawOffset >= extent.offset; rawOffset--) {
      const bit = bitOf(change);
      if (bit !== undefined) places.push({ rawOffset, bit });
      const byte = byteOfHighest[change >>> 24] ?? 0;
      change = ((change ^ (table[byte] ?? 0)) << 8) | byte;
    }
  }
  return places;
}

/** Which bit of the last byte changes the CRC so. */
function bitOf(change: number): number | undefined {
  for (let bit = 0; bit < 8; bit++) if (table[1 << bit] === change) return bit;
  return undefined;
}
