// The dictionary size of an LZMA2 filter, in one byte. xz file format §5.3.1.
//
//   bits 0..5   0..39: (2 | bit 0) << (bits 1..5 + 11), which is 4 KiB, 6 KiB, 8 KiB, 12 KiB ... 3 GiB; 40: 4 GiB - 1
//   bits 6..7   0

export const smallestDictionary = 4096;
const largestCode = 40;

/** The size that `code` stands for; undefined for a code that stands for none. */
export function dictionarySize(code: number): number | undefined {
  if (code > largestCode) return undefined;
  return code === largestCode ? 2 ** 32 - 1 : (2 + (code % 2)) * 2 ** (Math.floor(code / 2) + 11);
}

/** The code of the smallest size that is `length` at least, which is 4 GiB - 1 at most. */
export function dictionaryCode(length: number): number {
  let code = 0;
  while ((dictionarySize(code) ?? Infinity) < length) code++;
  return code;
}
