// Walks the chunks of LZMA2 data by their headers: lzma2-decoder.ts shows them.

const endControl = 0x00;
const firstLzma = 0x80;
/** The lowest control byte that announces properties. */
const firstWithProperties = 0xc0;

/** How many raw bytes the chunks of `data` say they hold; undefined unless they end with an end marker at its end. */
export function lzma2RawLength(data: Uint8Array): number | undefined {
  let rawLength = 0;
  let at = 0;
  const u16 = (offset: number): number => ((data[offset] ?? 0) << 8) | (data[offset + 1] ?? 0);
  while (at < data.length - 1) {
    const control = data[at] ?? 0;
    if (control === endControl) return undefined;
    const high = control < firstLzma ? 0 : (control & 0x1f) << 16;
    const chunkRaw = high + u16(at + 1) + 1;
    rawLength += chunkRaw;
    if (control < firstLzma) at += 3 + chunkRaw;
    else at += 5 + (control >= firstWithProperties ? 1 : 0) + u16(at + 3) + 1;
  }
  return at === data.length - 1 && data[at] === endControl ? rawLength : undefined;
}
