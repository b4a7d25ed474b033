// Tables that turn the next bits of a deflate stream into symbols. RFC 1951 §3.2.2, §3.2.5.
//
//   entry   bits 0-4 length of the code · 5-8 extra bits that follow it · 9-24 value · 25-27 kind
//
// `table[next 10 bits]` is the entry. Longer codes share an entry of the kind `subtable`: bits 0-4 say how many bits
// behind the ten choose in the subtable that begins at index `value`.

/** What an entry stands for. Literals are 0, so that they can be told by one comparison. */
export const literal = 0;
/** A length or a distance: `value` and the extra bits make it. */
export const base: number = 1 << 25;
export const endOfBlock: number = 2 << 25;
export const subtable: number = 3 << 25;
export const invalid: number = 4 << 25;
export const kindMask: number = 7 << 25;

export const primaryBits = 10;
const primaryLength: number = 1 << primaryBits;
const longestCode = 15;
const longestRest: number = longestCode - primaryBits;
const codeLengthMask = 31;

/** Room for any table: no prefix of ten bits has more than 32 codes. */
export function createTable(): Int32Array {
  return new Int32Array(primaryLength * (1 + (1 << longestRest)));
}

/** The entries of literals and lengths, without the lengths of their codes. */
export const literalEntries: Int32Array = Int32Array.from({ length: 288 }, (_, symbol) => {
  if (symbol < 256) return literal | (symbol << 9);
  if (symbol === 256) return endOfBlock;
  return symbol > 285 ? invalid : lengthEntry(symbol);
});

/** The entries of distances. */
export const distanceEntries: Int32Array = Int32Array.from({ length: 32 }, (_, symbol) => {
  if (symbol > 29) return invalid;
  if (symbol < 4) return base | ((symbol + 1) << 9);
  const extraBits = (symbol >> 1) - 1;
  return base | ((((2 | (symbol & 1)) << extraBits) + 1) << 9) | (extraBits << 5);
});

function lengthEntry(symbol: number): number {
  if (symbol === 285) return base | (258 << 9);
  const index = symbol - 257;
  if (index < 8) return base | ((index + 3) << 9);
  const extraBits = (index >> 2) - 1;
  return base | ((((4 | (index & 3)) << extraBits) + 3) << 9) | (extraBits << 5);
}

const counts = new Int32Array(longestCode + 1);
const nextCodes = new Int32Array(longestCode + 1);
const longestOf = new Uint8Array(primaryLength);

/**
 * Fills `table` with the code whose lengths, 0 for unused, are given for each symbol. Returns what is wrong with it, if
 * anything: more codes than there are, or fewer, but for a single one of one bit, and none at all, which zlib takes, too.
 */
export function fillTable(
  table: Int32Array,
  lengths: Uint8Array,
  entries: Int32Array,
): "over-subscribed" | "incomplete" | undefined {
  const fault = countCodes(lengths);
  if (fault !== undefined) return fault;
  table.fill(invalid | 1, 0, primaryLength);
  assignSubtables(table, lengths);
  startCodes();
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] ?? 0;
    if (length === 0) continue;
    const code = reverse(takeCode(length), length);
    place(table, code, length, (entries[symbol] ?? invalid) | length);
  }
  return undefined;
}

function countCodes(lengths: Uint8Array): "over-subscribed" | "incomplete" | undefined {
  counts.fill(0);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const used = lengths.length - (counts[0] ?? 0);
  counts[0] = 0;
  let left = 1;
  for (let length = 1; length <= longestCode; length++) {
    left = left * 2 - (counts[length] ?? 0);
    if (left < 0) return "over-subscribed";
  }
  const isSingle = used === 1 && counts[1] === 1;
  return left > 0 && used > 0 && !isSingle ? "incomplete" : undefined;
}

function startCodes(): void {
  let code = 0;
  for (let length = 1; length <= longestCode; length++) {
    code = (code + (counts[length - 1] ?? 0)) << 1;
    nextCodes[length] = code;
  }
}

function takeCode(length: number): number {
  const code = nextCodes[length] ?? 0;
  nextCodes[length] = code + 1;
  return code;
}

/** Codes come with their highest bit first, all else with the lowest (§3.1.1). */
function reverse(code: number, length: number): number {
  let reversed = 0;
  for (let bit = 0; bit < length; bit++) reversed |= ((code >>> bit) & 1) << (length - 1 - bit);
  return reversed;
}

/** Lays out a subtable for every ten bits that longer codes begin with. */
function assignSubtables(table: Int32Array, lengths: Uint8Array): void {
  if (!counts.subarray(primaryBits + 1).some((count) => count > 0)) return;
  longestOf.fill(0);
  startCodes();
  for (const length of lengths) {
    if (length === 0) continue;
    const prefix = reverse(takeCode(length), length) & (primaryLength - 1);
    if (length > primaryBits) longestOf[prefix] = Math.max(longestOf[prefix] ?? 0, length);
  }
  let at = primaryLength;
  for (let prefix = 0; prefix < primaryLength; prefix++) {
    const rest = (longestOf[prefix] ?? 0) - primaryBits;
    if (rest <= 0) continue;
    table[prefix] = subtable | (at << 9) | rest;
    table.fill(invalid | 1, at, at + (1 << rest));
    at += 1 << rest;
  }
}

function place(table: Int32Array, code: number, length: number, entry: number): void {
  if (length <= primaryBits) {
    for (let index = code; index < primaryLength; index += 1 << length) table[index] = entry;
    return;
  }
  const pointer = table[code & (primaryLength - 1)] ?? 0;
  const start = (pointer >>> 9) & 0xffff;
  const end = start + (1 << (pointer & codeLengthMask));
  for (let index = start + (code >>> primaryBits); index < end; index += 1 << (length - primaryBits))
    table[index] = entry;
}
