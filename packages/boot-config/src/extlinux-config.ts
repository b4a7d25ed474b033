/*
 * extlinux.conf, syslinux.cfg, isolinux.cfg (SYSLINUX documentation, "Config file"; U-Boot reads the same
 * language). Keywords are case-insensitive. APPEND before the first LABEL holds for every label without its
 * own; APPEND of a single `-` in a label means none at all. The last APPEND of a label counts.
 */
import { BootConfigError } from "./boot-config-error.ts";
import type { ArgumentPlace, KernelLine, KernelLines, LeftLine } from "./kernel-line.ts";
import { plainWords } from "./plain-words.ts";
import { lineEndingOf, splitLines, type TextLine, wholeLineRange } from "./text-line.ts";

interface KeywordLine {
  readonly line: TextLine;
  /** In lower case. */
  readonly keyword: string;
  readonly keywordStart: number;
  readonly keywordEnd: number;
}

interface Label {
  readonly head: KeywordLine;
  readonly body: readonly KeywordLine[];
}

// KERNEL takes these for something else than Linux, by their name.
const notLinux = /\.(?:c32|com|cbt|0|bin|bs|bss|img)$/i;

/**
 * Finds the command line of every label that starts Linux, and the global one.
 *
 * @throws BootConfigError BOOT_TEXT_SYNTAX when an APPEND value cannot be split into arguments.
 */
export function findExtlinuxLines(text: string): KernelLines {
  const lines = keywordLines(text);
  const firstLabel = lines.findIndex(({ keyword }) => keyword === "label");
  const preamble = firstLabel < 0 ? lines : lines.slice(0, firstLabel);
  const global = preamble.findLast(({ keyword }) => keyword === "append");
  const found: KernelLine[] = global === undefined ? [] : [lineOf(appendPlace(text, global, false))];
  const left: LeftLine[] = [];
  for (const label of labelsOf(lines.slice(preamble.length))) {
    const outcome = labelPlace(text, label, global !== undefined);
    if (typeof outcome === "string") left.push({ lineNumber: label.head.line.number, reason: outcome });
    else if (outcome !== undefined) found.push(lineOf(outcome));
  }
  return { lines: found, left };
}

function lineOf(place: ArgumentPlace): KernelLine {
  return { places: [place], target: 0 };
}

function keywordLines(text: string): KeywordLine[] {
  let inHelp = false;
  return splitLines(text).flatMap((line) => {
    const match = /^([ \t]*)([^ \t#]+)([^]*)$/.exec(text.slice(line.start, line.end));
    const keyword = (match?.[2] ?? "").toLowerCase();
    const wasInHelp = inHelp;
    if (keyword === "text" && /^[ \t]+help\b/i.test(match?.[3] ?? "")) inHelp = true;
    if (keyword === "endtext") inHelp = false;
    if (keyword === "" || wasInHelp) return [];
    const keywordStart = line.start + (match?.[1]?.length ?? 0);
    return [{ line, keyword, keywordStart, keywordEnd: keywordStart + keyword.length }];
  });
}

function labelsOf(lines: readonly KeywordLine[]): Label[] {
  const labels: { head: KeywordLine; body: KeywordLine[] }[] = [];
  for (const line of lines) {
    if (line.keyword === "label") labels.push({ head: line, body: [] });
    else labels.at(-1)?.body.push(line);
  }
  return labels;
}

/** The place of a label's arguments, undefined when the global APPEND serves it, or why it is left alone. */
function labelPlace(text: string, { body }: Label, hasGlobal: boolean): ArgumentPlace | string | undefined {
  const other = body.find(({ keyword }) =>
    ["localboot", "com32", "boot", "bss", "pxe", "fdimage", "config"].includes(keyword),
  );
  if (other !== undefined) return `the label starts something else than Linux (${other.keyword})`;
  const kernel = body.findLast(
    ({ keyword }) => keyword === "linux" || keyword === "kernel" || keyword === "fit",
  );
  if (kernel === undefined) return "the label names no kernel";
  if (kernel.keyword === "kernel" && notLinux.test(valueOf(text, kernel))) {
    return `the label starts something else than Linux (${valueOf(text, kernel)})`;
  }
  const append = body.findLast(({ keyword }) => keyword === "append");
  if (append !== undefined) return appendPlace(text, append, hasGlobal);
  return hasGlobal ? undefined : absentPlace(text, kernel);
}

function valueOf(text: string, { keywordEnd, line }: KeywordLine): string {
  return text.slice(keywordEnd, line.end).trim();
}

function appendPlace(text: string, append: KeywordLine, hasGlobal: boolean): ArgumentPlace {
  const { line, keywordEnd } = append;
  const at = { lineNumber: line.number, start: keywordEnd, end: line.end };
  if (valueOf(text, append) === "-") return { ...at, shape: "absent", words: [] };
  const words = plainWords(text, keywordEnd, line.end);
  if (words === undefined) throw openQuote(line);
  // Without its own APPEND a label would fall back to the global one.
  const emptied = hasGlobal
    ? { start: keywordEnd, end: line.end, text: " -" }
    : { ...wholeLineRange(text, line), text: "" };
  return { ...at, shape: "keyword", words, emptied };
}

function absentPlace(text: string, kernel: KeywordLine): ArgumentPlace {
  const { line } = kernel;
  const ending = lineEndingOf(text);
  const ended = line.next > line.end;
  const indent = text.slice(line.start, kernel.keywordStart);
  const isUpper = /^[A-Z]/.test(text.slice(kernel.keywordStart, kernel.keywordEnd));
  const keyword = `${indent}${isUpper ? "APPEND" : "append"}`;
  return {
    shape: "absent",
    lineNumber: line.number + 1,
    start: line.next,
    end: line.next,
    words: [],
    before: ended ? keyword : `${ending}${keyword}`,
    after: ended ? ending : "",
  };
}

function openQuote(line: TextLine): BootConfigError {
  return new BootConfigError(
    "BOOT_TEXT_SYNTAX",
    `reading an extlinux configuration: line ${line.number} has a double quote that stays open`,
    { line: line.number },
  );
}
