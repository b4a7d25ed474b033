/** One line of a text: `text[start, end)` without its ending, `next` is where the following line starts. */
export interface TextLine {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** Splits at LF or CR LF. A text without a final line ending has a last line with `end === next`. */
export function splitLines(text: string): TextLine[] {
  const lines: TextLine[] = [];
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf("\n", start);
    const next = feed < 0 ? text.length : feed + 1;
    const bare = feed < 0 ? next : feed;
    const end = feed > start && text[feed - 1] === "\r" ? feed - 1 : bare;
    lines.push({ number: lines.length + 1, start, end, next });
    start = next;
  }
  return lines;
}

/** The line ending that the text uses: its first one, LF when it has none. */
export function lineEndingOf(text: string): "\n" | "\r\n" {
  const feed = text.indexOf("\n");
  return feed > 0 && text[feed - 1] === "\r" ? "\r\n" : "\n";
}

/** The number of the line that holds `offset`, from 1. Linear in `offset`. */
export function lineNumberAt(text: string, offset: number): number {
  let number = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) number += 1;
  return number;
}

/** The range to cut so that the line vanishes; takes the previous line's ending when it has none of its own. */
export function wholeLineRange(
  text: string,
  line: TextLine,
): { readonly start: number; readonly end: number } {
  if (line.next > line.end || line.start === 0) return { start: line.start, end: line.next };
  const feed = line.start - 1;
  return { start: text[feed - 1] === "\r" ? feed - 1 : feed, end: line.next };
}
