/** Where and why a text is no JSON. Never quotes the text: it may hold a secret. */
export class JsonFault extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.name = "JsonFault";
    this.offset = offset;
  }
}

/** A JSON value with the offset of its first character. Objects are maps, numbers are text as it was written. */
export type JsonNode =
  | { readonly kind: "object"; readonly offset: number; readonly entries: ReadonlyMap<string, JsonNode> }
  | { readonly kind: "array"; readonly offset: number; readonly items: readonly JsonNode[] }
  | { readonly kind: "string" | "number" | "word"; readonly offset: number; readonly text: string };

/** Deeper than any configuration; keeps the recursion off the end of the stack. */
const depthLimit = 200;

interface Reader {
  readonly text: string;
  at: number;
}

/**
 * Parses JSON (RFC 8259), refusing duplicate keys; says where it fails, and leaves numbers as they are written.
 *
 * @throws JsonFault
 */
export function parseStrictJson(text: string): JsonNode {
  const reader = { text, at: 0 };
  const node = readValue(reader, 0);
  skipSpace(reader);
  if (reader.at < text.length) throw new JsonFault(reader.at, "text after the end of the JSON value");
  return node;
}

function readValue(reader: Reader, depth: number): JsonNode {
  skipSpace(reader);
  const offset = reader.at;
  if (depth > depthLimit) throw new JsonFault(offset, `JSON nested more than ${depthLimit} levels deep`);
  if (reader.text[offset] === "{") return { kind: "object", offset, entries: readObject(reader, depth) };
  if (reader.text[offset] === "[") return { kind: "array", offset, items: readArray(reader, depth) };
  if (reader.text[offset] === '"') return { kind: "string", offset, text: readString(reader) };
  const number = take(reader, /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y);
  if (number !== undefined) return { kind: "number", offset, text: number };
  const word = take(reader, /true|false|null/y);
  if (word === undefined) throw new JsonFault(offset, "a JSON value is expected");
  return { kind: "word", offset, text: word };
}

function readObject(reader: Reader, depth: number): ReadonlyMap<string, JsonNode> {
  const entries = new Map<string, JsonNode>();
  reader.at += 1;
  if (takeSign(reader, "}")) return entries;
  do {
    skipSpace(reader);
    const offset = reader.at;
    if (reader.text[offset] !== '"') throw new JsonFault(offset, `a key in '"' is expected in a JSON object`);
    const key = readString(reader);
    if (entries.has(key)) throw new JsonFault(offset, "a key is twice in a JSON object");
    if (!takeSign(reader, ":"))
      throw new JsonFault(reader.at, `":" is expected after a key in a JSON object`);
    entries.set(key, readValue(reader, depth + 1));
  } while (takeSign(reader, ","));
  if (!takeSign(reader, "}")) throw new JsonFault(reader.at, `"," or "}" is expected in a JSON object`);
  return entries;
}

function readArray(reader: Reader, depth: number): readonly JsonNode[] {
  const items: JsonNode[] = [];
  reader.at += 1;
  if (takeSign(reader, "]")) return items;
  do items.push(readValue(reader, depth + 1));
  while (takeSign(reader, ","));
  if (!takeSign(reader, "]")) throw new JsonFault(reader.at, `"," or "]" is expected in a JSON array`);
  return items;
}

/** In a loop: one pattern for the whole string would need a stack as deep as the string is long. */
function readString(reader: Reader): string {
  const start = reader.at;
  const bad = () => new JsonFault(start, "a JSON string does not end, or has a bad escape in it");
  reader.at += 1;
  while (reader.text[reader.at] !== '"') {
    // oxlint-disable-next-line no-control-regex -- RFC 8259 §7: control characters must be escaped
    const plain = take(reader, /[^"\\\u0000-\u001f]+/y);
    if (plain === undefined && take(reader, /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y) === undefined) throw bad();
  }
  reader.at += 1;
  return String(JSON.parse(reader.text.slice(start, reader.at)));
}

function takeSign(reader: Reader, sign: string): boolean {
  skipSpace(reader);
  const found = reader.text[reader.at] === sign;
  if (found) reader.at += 1;
  return found;
}

function skipSpace(reader: Reader): void {
  take(reader, /[ \t\r\n]+/y);
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  reader.at += found?.length ?? 0;
  return found;
}
