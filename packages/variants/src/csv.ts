import { positionsIn, quote } from "@bootstamp/declaration";
import { specError, type SpecPosition } from "./spec-error.ts";

/** One line of a CSV file; a quoted field may make it span several. */
export interface CsvRecord {
  readonly position: SpecPosition;
  readonly fields: readonly string[];
}

/**
 * Reads CSV as RFC 4180 describes it: fields between commas, `"` around a field with commas, quotes (doubled) or line
 * ends in it; lines end in LF or CRLF. Spaces belong to the field. Lines with nothing on them are left out.
 * Linear in the text.
 *
 * @throws SpecError SPEC_TABLE: a quote that does not end, or in the middle of a field; a bare CR; NUL.
 */
export function parseCsv(file: string, text: string): readonly CsvRecord[] {
  const positionAt = positionsIn(file, text);
  const records: CsvRecord[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    const fields: string[] = [];
    let ended = false;
    while (!ended) {
      const field = readField(text, at, positionAt);
      fields.push(field.value);
      ended = text[field.end] !== ",";
      at = field.end + 1;
      if (ended) at = afterLineEnd(text, field.end, positionAt);
    }
    const isBlank = fields.length === 1 && /^\r?\n?$/.test(text.slice(start, at));
    if (!isBlank) records.push({ position: positionAt(start), fields });
  }
  return records;
}

function readField(text: string, start: number, positionAt: (offset: number) => SpecPosition) {
  if (text[start] === '"') return readQuoted(text, start, positionAt);
  // oxlint-disable-next-line no-control-regex -- NUL is what is looked for
  const stop = /[",\r\n\u0000]/g;
  stop.lastIndex = start;
  const end = stop.exec(text)?.index ?? text.length;
  if (text[end] === '"')
    throw specError(
      "SPEC_TABLE",
      positionAt(end),
      `a quote inside a field: the whole field must stand in quotes`,
    );
  if (text[end] === "\0") throw specError("SPEC_TABLE", positionAt(end), "a NUL character in a table");
  return { value: text.slice(start, end), end };
}

function readQuoted(text: string, start: number, positionAt: (offset: number) => SpecPosition) {
  const closing = /"/g;
  closing.lastIndex = start + 1;
  for (let found = closing.exec(text); found !== null; found = closing.exec(text)) {
    if (text[found.index + 1] === '"') closing.lastIndex = found.index + 2;
    else return { value: text.slice(start + 1, found.index).replaceAll('""', '"'), end: found.index + 1 };
  }
  throw specError("SPEC_TABLE", positionAt(start), "this quote does not end");
}

function afterLineEnd(text: string, at: number, positionAt: (offset: number) => SpecPosition): number {
  if (at >= text.length) return at;
  if (text[at] === "\n") return at + 1;
  if (text.startsWith("\r\n", at)) return at + 2;
  const what = text[at] === "\r" ? "a CR without LF" : `${quote(text[at] ?? "")} after a closing quote`;
  throw specError("SPEC_TABLE", positionAt(at), `"," or the end of the line is expected, got ${what}`);
}
