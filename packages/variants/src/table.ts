import {
  hasUnprintable,
  JsonFault,
  type JsonNode,
  parseStrictJson,
  positionsIn,
  quote,
} from "@bootstamp/declaration";
import { parseCsv } from "./csv.ts";
import { decodeText, type HostFiles } from "./host-files.ts";
import { refuse, specError, type SpecComplaint, type SpecPosition } from "./spec-error.ts";

/** One row of a table: its values by column, and where it stands. */
export interface TableRow {
  readonly position: SpecPosition;
  readonly cells: ReadonlyMap<string, string>;
}

export interface Table {
  readonly columns: ReadonlySet<string>;
  readonly rows: readonly TableRow[];
}

/**
 * Reads the rows of a `.csv` or `.json` file. Values are text: a number is what the file has written.
 *
 * @throws SpecError SPEC_TABLE: no header, a column twice or without a name, a row of another length, a JSON file that
 * is no array of flat objects; SPEC_UNREADABLE, SPEC_PATH_OUTSIDE, SPEC_VALUE, SPEC_TOO_LARGE.
 */
export async function readTable(files: HostFiles, path: string, position: SpecPosition): Promise<Table> {
  const parse = parsers.find(({ ending }) => path.toLowerCase().endsWith(ending))?.parse;
  if (parse === undefined)
    throw specError("SPEC_VALUE", position, `a table is a .csv or a .json file, got ${quote(path)}`);
  const { shown } = await files.resolve(path, position);
  return parse(shown, decodeText(await files.read(path, position), shown, position));
}

const parsers = [
  { ending: ".csv", parse: csvTable },
  { ending: ".json", parse: jsonTable },
];

/** The first record names the columns. */
function csvTable(file: string, text: string): Table {
  const [header, ...records] = parseCsv(file, text);
  if (header === undefined)
    throw specError(
      "SPEC_TABLE",
      { file, line: 1, column: 1 },
      "the table is empty: its first line names the columns",
    );
  const complaints: SpecComplaint[] = [...headerFaults(header)];
  for (const { position, fields } of records) {
    if (fields.length === header.fields.length) continue;
    const message = `the row has ${fields.length} fields, the header ${header.fields.length}`;
    complaints.push({ code: "SPEC_TABLE", position, message });
  }
  refuse(complaints);
  const rows = records.map(({ position, fields }) => ({
    position,
    cells: new Map(header.fields.map((column, index) => [column, fields[index] ?? ""])),
  }));
  return { columns: new Set(header.fields), rows };
}

function* headerFaults(header: {
  fields: readonly string[];
  position: SpecPosition;
}): Iterable<SpecComplaint> {
  const complaint = (message: string) => ({
    code: "SPEC_TABLE" as const,
    position: header.position,
    message,
  });
  const seen = new Set<string>();
  for (const column of header.fields) {
    const named = quote(column);
    if (seen.has(column)) yield complaint(`the column ${named} is there twice`);
    else if (column === "") yield complaint("a column has no name");
    else if (column !== column.trim()) yield complaint(`the column ${named} has spaces around its name`);
    else if (hasUnprintable(column))
      yield complaint(`the column ${named} has a control character in its name`);
    else if (column.includes(";")) yield complaint(`the column ${named}: fields are separated by commas`);
    seen.add(column);
  }
}

/** An array of objects; one that lacks a key that others have leaves it absent. `null` is absent too. */
function jsonTable(file: string, text: string): Table {
  const positionAt = positionsIn(file, text);
  const root = parseJsonAt(text, positionAt);
  if (root.kind !== "array")
    throw specError("SPEC_TABLE", positionAt(root.offset), "a JSON table is an array of objects");
  const complaints: SpecComplaint[] = [];
  const rows = root.items.map((item) => ({
    position: positionAt(item.offset),
    cells: rowCells(item, (offset, message) =>
      complaints.push({ code: "SPEC_TABLE", position: positionAt(offset), message }),
    ),
  }));
  refuse(complaints);
  const columns = new Set<string>();
  for (const item of root.items)
    if (item.kind === "object") for (const column of item.entries.keys()) columns.add(column);
  return { columns, rows };
}

function parseJsonAt(text: string, positionAt: (offset: number) => SpecPosition): JsonNode {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (error instanceof JsonFault) throw specError("SPEC_TABLE", positionAt(error.offset), error.message);
    throw error;
  }
}

function rowCells(
  item: JsonNode,
  complain: (offset: number, message: string) => void,
): ReadonlyMap<string, string> {
  const cells = new Map<string, string>();
  if (item.kind !== "object") complain(item.offset, "a row of a JSON table is an object");
  else
    for (const [key, cell] of item.entries) {
      if (cell.kind === "object" || cell.kind === "array")
        complain(cell.offset, `${quote(key)} is no text, number, true or false`);
      else if (cell.kind !== "word" || cell.text !== "null") cells.set(key, cell.text);
    }
  return cells;
}
