// The symbols that stand for lengths and distances. RFC 1951 §3.2.5.
//
//   frequencies, code lengths and codes alike:   0..255 literals | 256 end of block | 257..285 lengths | 288.. distances

export const literals: i32 = 256;
export const endOfBlock: i32 = 256;
export const firstLength: i32 = 257;
/** Literals, end and lengths that may occur: 286 and 287 exist in the fixed code only. */
export const lengthCodeCount: i32 = 286;
export const firstDistance: i32 = 288;
export const distanceCodeCount: i32 = 30;
/** Of a table with an entry for every symbol. */
export const symbolCount: i32 = 320;

export const shortestMatch: i32 = 3;
export const longestMatch: i32 = 258;
export const farthest: u32 = 32768;

/** By symbol, for lengths and distances: how many extra bits follow, u8. */
export const extraBits: usize = memory.data(symbolCount);
/** By symbol: the least length less 3, or the least distance less 1, that it stands for, u16. */
export const leastValue: usize = memory.data(2 * symbolCount, 16);
/** By length less 3: its symbol, u16. */
const lengthSymbols: usize = memory.data(2 * 256, 16);
/** By distance less 1 where that is below 256, then by its 128th part: the symbol, u16. */
const distanceSymbols: usize = memory.data(2 * 512, 16);

/** Symbol of a match of `length`. */
@inline
export function lengthSymbol(lengthLess3: u32): usize {
  return load<u16>(lengthSymbols + (lengthLess3 << 1));
}

/** Symbol of a match from `distanceLess1 + 1` before. */
@inline
export function distanceSymbol(distanceLess1: u32): usize {
  return distanceLess1 < 256
    ? load<u16>(distanceSymbols + (distanceLess1 << 1))
    : load<u16>(distanceSymbols + ((256 + (distanceLess1 >> 7)) << 1));
}

function setLengths(): void {
  let least: i32 = 0;
  for (let index: i32 = 0; index < 28; index++) {
    const symbol = firstLength + index;
    const extra = index < 8 ? 0 : (index >> 2) - 1;
    setSymbol(symbol, extra, least);
    for (let end = min(least + (1 << extra), 255); least < end; least++)
      store<u16>(lengthSymbols + (least << 1), symbol);
  }
  // 258 has a symbol of its own, though 284 with all extra bits set would say it too.
  setSymbol(firstLength + 28, 0, 255);
  store<u16>(lengthSymbols + 255 * 2, firstLength + 28);
}

function setDistances(): void {
  let least: i32 = 0;
  for (let index: i32 = 0; index < distanceCodeCount; index++) {
    const symbol = firstDistance + index;
    const extra = index < 4 ? 0 : (index >> 1) - 1;
    setSymbol(symbol, extra, least);
    for (let end = least + (1 << extra); least < end; least++) {
      const at = least < 256 ? least : 256 + (least >> 7);
      store<u16>(distanceSymbols + (at << 1), symbol);
    }
  }
}

function setSymbol(symbol: i32, extra: i32, least: i32): void {
  store<u8>(extraBits + symbol, extra);
  store<u16>(leastValue + (symbol << 1), least);
}

setLengths();
setDistances();
