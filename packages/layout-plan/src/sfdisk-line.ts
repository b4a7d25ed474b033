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

/** Fields of `line`, which starts at `offset` of the text, separated by commas; or the first fault. Linear in time. */
export function splitFields(line: string, offset: number): readonly SfdiskField[] | SfdiskFault {
  const fields: SfdiskField[] = [];
  let start = offset;
  for (const part of partsOf(line)) {
    const field = readField(part, start);
    if (field === undefined)
      return {
        offset: start + part.length - part.trimStart().length,
        message: "a field such as start=2048 is expected",
      };
    fields.push(field);
    start += part.length + 1;
  }
  return fields;
}

/** What stands between the commas, but for those in quotes; nothing behind the last. */
function partsOf(line: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === '"') isQuoted = !isQuoted;
    if (line[at] !== "," || isQuoted) continue;
    parts.push(line.slice(start, at));
    start = at + 1;
  }
  const last = line.slice(start);
  return last.trim() === "" ? parts : [...parts, last];
}

function readField(part: string, offset: number): SfdiskField | undefined {
  const equals = part.indexOf("=");
  const key = (equals === -1 ? part : part.slice(0, equals)).trim();
  if (!/^[A-Za-z-]+$/.test(key)) return undefined;
  const keyOffset = offset + part.indexOf(key);
  if (equals === -1) return { key: key.toLowerCase(), keyOffset, value: undefined, valueOffset: keyOffset };
  const value = part.slice(equals + 1).trim();
  if (!/^(?:"[^"]*"|[^"]*)$/.test(value)) return undefined;
  const valueOffset = offset + part.indexOf(value, equals + 1);
  return { key: key.toLowerCase(), keyOffset, value: unquote(value), valueOffset };
}

/** libfdisk writes quotes, backslashes, dollars, backquotes and all beyond ASCII as the \xhh of their UTF-8 bytes. */
function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  const bytes: number[] = [];
  for (const [, hex, plain] of value.slice(1, -1).matchAll(/\\x([0-9a-fA-F]{2})|([^])/gu))
    bytes.push(...(hex === undefined ? Buffer.from(plain ?? "") : [Number.parseInt(hex, 16)]));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
