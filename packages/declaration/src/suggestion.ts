import { quote } from "./quote.ts";

/** How many typing slips a word may be away and still be suggested: a third of its letters, one in a short word. */
function tolerance(word: string): number {
  return word.length < 2 ? 0 : Math.max(1, Math.floor(word.length / 3));
}

/** Longer words are not compared: the cost is the product of both lengths. */
const longestWord = 64;

/** The one of `known` that `word` was probably meant to be; undefined when none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > longestWord) return undefined;
  let best: string | undefined;
  let bestDistance = tolerance(word) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance || candidate.length > longestWord) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `, did you mean "x"?` when one of `known` is near; else `; known are: a, b, c`; nothing when nothing is known. */
export function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `, did you mean ${quote(near)}?`;
  if (known.length === 0) return "";
  const shown = known
    .slice(0, 24)
    .map((each) => (/^[\w.-]+$/.test(each) ? each : quote(each)))
    .join(", ");
  return `; known are: ${shown}${known.length > 24 ? ", ..." : ""}`;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), each counted as one. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(last, column - 1) + Number(a[row - 1] !== b[column - 1]);
      let cost = Math.min(replaced, at(last, column) + 1, at(current, column - 1) + 1);
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
