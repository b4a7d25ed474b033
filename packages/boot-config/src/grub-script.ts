/*
 * GRUB's script language, as far as finding commands and their words needs it (GRUB manual, "Writing full
 * configuration files directly", sections on quoting and simple commands).
 *
 *   - blanks separate words; `;` `{` `}` `&` `|` `<` `>` and the end of a line end a command;
 *   - `#` at the start of a word opens a comment to the end of the line;
 *   - a backslash quotes the next character; before the end of a line both vanish;
 *   - in single quotes everything stands for itself; in double quotes `$` expands and a backslash quotes
 *     only `$`, `"`, `\` and the end of a line;
 *   - `$name`, `${name}`, `$1`, `$?`, `$*`, `$#`, `$@` are variables.
 *
 * GRUB drops carriage returns while it reads, so that CR LF ends a line too.
 */
import { BootConfigError } from "./boot-config-error.ts";
import { lineNumberAt } from "./text-line.ts";

/** One word. `literal` is what GRUB makes of it, without its variables; `opaqueFrom` is where the first was. */
export interface GrubWord {
  readonly start: number;
  readonly end: number;
  readonly literal: string;
  readonly opaqueFrom: number | undefined;
}

export interface GrubCommand {
  readonly words: readonly GrubWord[];
}

interface Range {
  readonly text: string;
  readonly end: number;
}

interface WordDraft {
  literal: string;
  opaqueFrom: number | undefined;
}

// Words of the grammar after which a command begins.
const leadIns = new Set(["if", "then", "else", "elif", "while", "until", "do", "!"]);
const separators = new Set(["\n", ";", "{", "}", "&", "|", "<", ">"]);
const variable = /\$(?:[A-Za-z_]\w*|\d+|[?#*@]|\{(?:[A-Za-z_]\w*|\d+|[?#*@])\})/y;

/**
 * All commands of a script, in order, those in blocks included.
 *
 * @throws BootConfigError BOOT_TEXT_SYNTAX when a quote stays open or the text ends in a backslash.
 */
export function scanGrubCommands(text: string): GrubCommand[] {
  const commands: GrubCommand[] = [];
  const range = { text, end: text.length };
  let at = 0;
  while (at < text.length) {
    const { words, next } = scanGrubWords(range, at);
    const command = withoutLeadIns(text, words);
    if (command.length > 0) commands.push({ words: command });
    at = next;
  }
  return commands;
}

/**
 * The words of the command at `start`. `next` is behind the separator that ended it, and `stoppedBy` that
 * separator: `#` for a comment, empty at the end of the range.
 */
export function scanGrubWords(
  range: Range,
  start: number,
): { readonly words: GrubWord[]; readonly next: number; readonly stoppedBy: string } {
  const words: GrubWord[] = [];
  let at = start;
  for (;;) {
    at = skipBlanks(range, at);
    if (at >= range.end) return { words, next: range.end, stoppedBy: "" };
    const char = range.text[at] ?? "";
    if (separators.has(char)) return { words, next: at + 1, stoppedBy: char };
    if (char === "#") return { words, next: endOfLine(range, at), stoppedBy: "#" };
    const word = readWord(range, at);
    words.push(word);
    at = word.end;
  }
}

function withoutLeadIns(text: string, words: readonly GrubWord[]): readonly GrubWord[] {
  const first = words.findIndex((word) => !leadIns.has(text.slice(word.start, word.end)));
  return first < 0 ? [] : words.slice(first);
}

function skipBlanks(range: Range, start: number): number {
  let at = start;
  while (at < range.end) {
    const width = isBlank(range, at) ? 1 : continuationWidth(range, at);
    if (width === 0) return at;
    at += width;
  }
  return at;
}

function isBlank({ text, end }: Range, at: number): boolean {
  const char = text[at];
  return char === " " || char === "\t" || (char === "\r" && (at + 1 >= end || text[at + 1] === "\n"));
}

/** Length of a backslash and the line ending behind it when both are in the range, or 0. */
function continuationWidth({ text, end }: Range, at: number): number {
  const width = ["\\\n", "\\\r\n"].find((each) => text.startsWith(each, at))?.length ?? 0;
  return at + width > end ? 0 : width;
}

function endOfLine({ text, end }: Range, at: number): number {
  const feed = text.indexOf("\n", at);
  return feed < 0 || feed > end ? end : feed;
}

function readWord(range: Range, start: number): GrubWord {
  const draft: WordDraft = { literal: "", opaqueFrom: undefined };
  let at = start;
  while (at < range.end && !isBlank(range, at) && !separators.has(range.text[at] ?? "")) {
    at = readPart(range, at, draft);
  }
  return { start, end: at, ...draft };
}

/** Reads one character, escape, variable or quotation, and returns where it ends. */
function readPart(range: Range, at: number, draft: WordDraft): number {
  switch (range.text.charAt(at)) {
    case "'":
      return readSingleQuotes(range, at, draft);
    case '"':
      return readDoubleQuotes(range, at, draft);
    case "\\":
      return readEscape(range, at, draft);
    case "$":
      return readVariable(range, at, draft);
    default:
      draft.literal += range.text[at] ?? "";
      return at + 1;
  }
}

function readEscape(range: Range, at: number, draft: WordDraft): number {
  const width = continuationWidth(range, at);
  if (width > 0) return at + width;
  if (at + 1 >= range.end) throw syntax(range, at, "a backslash with nothing behind it");
  draft.literal += range.text[at + 1] ?? "";
  return at + 2;
}

function readVariable(range: Range, at: number, draft: WordDraft): number {
  variable.lastIndex = at;
  const name = variable.exec(range.text)?.[0];
  if (name === undefined || at + name.length > range.end) {
    draft.literal += "$";
    return at + 1;
  }
  draft.opaqueFrom ??= draft.literal.length;
  return at + name.length;
}

function readSingleQuotes(range: Range, start: number, draft: WordDraft): number {
  const close = range.text.indexOf("'", start + 1);
  if (close < 0 || close >= range.end) throw syntax(range, start, "a single quote that stays open");
  draft.literal += range.text.slice(start + 1, close);
  return close + 1;
}

function readDoubleQuotes(range: Range, start: number, draft: WordDraft): number {
  let at = start + 1;
  while (at < range.end) {
    const char = range.text[at] ?? "";
    if (char === '"') return at + 1;
    if (char === "$") at = readVariable(range, at, draft);
    else if (char === "\\" && isQuotable(range, at)) at = readEscape(range, at, draft);
    else {
      draft.literal += char;
      at += 1;
    }
  }
  throw syntax(range, start, "a double quote that stays open");
}

function isQuotable(range: Range, at: number): boolean {
  return continuationWidth(range, at) > 0 || ["$", '"', "\\"].includes(range.text[at + 1] ?? "");
}

function syntax({ text }: Range, offset: number, what: string): BootConfigError {
  const line = lineNumberAt(text, offset);
  return new BootConfigError("BOOT_TEXT_SYNTAX", `reading a GRUB configuration: line ${line} has ${what}`, {
    line,
    offset,
  });
}
