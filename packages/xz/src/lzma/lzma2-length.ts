// Walks the chunks of LZMA2 data by their headers: lzma2-decoder.ts shows them.
import { type Parts, partsLength } from "../parts.ts";

const endControl = 0x00;
const firstLzma = 0x80;
/** The lowest control byte that announces properties. */
const firstWithProperties = 0xc0;

/** How many raw bytes the chunks of `data` say they hold; undefined unless they end with an end marker at its end. */
export function lzma2RawLength(data: Parts): number | undefined {
  const end = partsLength(data) - 1;
  const byteAt = ascendingReader(data);
  let rawLength = 0;
  let at = 0;
  const u16 = (offset: number): number => (byteAt(offset) << 8) | byteAt(offset + 1);
  while (at < end) {
    const control = byteAt(at);
    if (control === endControl) return undefined;
    const high = control < firstLzma ? 0 : (control & 0x1f) << 16;
    const chunkRaw = high + u16(at + 1) + 1;
    rawLength += chunkRaw;
    if (control < firstLzma) at += 3 + chunkRaw;
    else at += 5 + (control >= firstWithProperties ? 1 : 0) + u16(at + 3) + 1;
  }
  return at === end && byteAt(at) === endControl ? rawLength : undefined;
}

/** Gives single bytes, 0 behind the end, at offsets that are never lower than the one before. */
function ascendingReader(data: Parts): (offset: number) => number {
  let index = 0;
  let start = 0;
  return (offset) => {
    for (let part = data[index]; part !== undefined; part = data[++index]) {
      if (offset < start + part.length) return part[offset - start] ?? 0;
      start += part.length;
    }
    return 0;
  };
}
