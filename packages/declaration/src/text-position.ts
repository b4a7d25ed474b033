/** Where in a text file something was said: lines and columns count from 1, columns in UTF-16 units. */
export interface TextPosition {
  /** The file as the caller named it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`, which editors and terminals turn into a link. */
export function formatPosition(position: TextPosition): string {
  return `${position.file}:${position.line}:${position.column}`;
}

/** Finds lines and columns of offsets in `text`. Linear in the text once, then logarithmic per call. */
export function positionsIn(file: string, text: string): (offset: number) => TextPosition {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return (offset) => {
    let low = 0;
    for (let high = lineStarts.length; high - low > 1;) {
      const middle = (low + high) >>> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { file, line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
  };
}
