/** A field of a partition line: `name="boot"`, or a word that stands alone. Offsets are those of the text. */
export interface SfdiskField {
  readonly key: string;
  readonly keyOffset: number;
  /** Unquoted; undefined for a word alone. */
  readonly value: string | undefined;
  readonly valueOffset: number;
}

/** Where a line stops to make sense. */
export interface SfdiskFault {
  readonly offset: number;
  readonly message: string;
}

/** Fields of `line`, which starts at `offset` of the text, separated by commas; or the first fault. */
export function splitFields(line: string, offset: number): readonly SfdiskField[] | SfdiskFault {
  const fields: SfdiskField[] = [];
  const pattern = /[ \t]*([A-Za-z-]+)[ \t]*(?:=[ \t]*("[^"]*"|[^",]*?))?[ \t]*(?:,|$)/y;
  while (pattern.lastIndex < line.length) {
    const start = pattern.lastIndex;
    const found = pattern.exec(line);
    if (found === null) return { offset: offset + start, message: "a field such as start=2048 is expected" };
    const [whole, key = "", value] = found;
    const keyOffset = offset + start + whole.indexOf(key);
    const valueOffset =
      value === undefined ? keyOffset : offset + start + whole.indexOf(value, whole.indexOf("=") + 1);
    fields.push({
      key: key.toLowerCase(),
      keyOffset,
      value: value === undefined ? undefined : unquote(value),
      valueOffset,
    });
  }
  return fields;
}

/** libfdisk writes quotes, backslashes, dollars, backquotes and all beyond ASCII as the \xhh of their UTF-8 bytes. */
function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  const bytes: number[] = [];
  for (const [, hex, plain] of value.slice(1, -1).matchAll(/\\x([0-9a-fA-F]{2})|([^])/gu))
    bytes.push(...(hex === undefined ? Buffer.from(plain ?? "") : [Number.parseInt(hex, 16)]));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
