/*
 * config.txt of the Raspberry Pi (Raspberry Pi documentation, "What is config.txt?", "Conditional filters").
 *
 *   # comment
 *   dtparam=audio=on          property=value, no blanks around the =, case matters
 *   initramfs initrd followkernel      two keywords take a blank instead
 *   [pi4]                     a filter: what follows holds on a Pi 4 only
 *   [all]                     takes all filters back
 *
 * Filters of one type replace each other, filters of different types add up. A line may have 98 characters;
 * the firmware ignores the rest.
 */
import { splitLines, type TextLine } from "./text-line.ts";

/** A property, a commented-out property, a filter or something else, with the filters that hold there. */
export interface ConfigTxtLine {
  readonly line: TextLine;
  readonly type: "property" | "comment" | "filter" | "blank" | "other";
  readonly key: string;
  readonly value: string;
  /** Where the value starts in the text. */
  readonly valueStart: number;
  /** The filters in force, of a filter line those behind it; empty where everything applies. */
  readonly filters: readonly string[];
}

/** Longest line that the firmware reads whole. */
export const longestConfigTxtLine = 98;

/** The keywords that are written with a blank in the stead of `=`. */
export const blankKeywords: ReadonlySet<string> = new Set(["initramfs", "include"]);

const mostFilters = 15;

const property = /^[ \t]*(?:([A-Za-z0-9_.:+-]+)=|(initramfs|include)[ \t]+)([^]*)$/;

/** Splits config.txt into lines and keeps account of the filters. */
export function parseConfigTxt(text: string): ConfigTxtLine[] {
  let filters: readonly string[] = [];
  return splitLines(text).map((line) => {
    const raw = text.slice(line.start, line.end);
    const filter = /^[ \t]*\[([^\]]*)\]/.exec(raw)?.[1];
    if (filter !== undefined) {
      filters = nextFilters(filters, filter);
      return { line, type: "filter", key: filter, value: "", valueStart: line.end, filters };
    }
    return Object.assign(plainLine(line, raw), { filters });
  });
}

function plainLine(line: TextLine, raw: string): Omit<ConfigTxtLine, "filters"> {
  const none = { line, key: "", value: "", valueStart: line.end };
  if (/^[ \t\r]*$/.test(raw)) return { ...none, type: "blank" };
  const hash = /^[ \t]*#+[ \t]*/.exec(raw)?.[0] ?? "";
  const match = property.exec(raw.slice(hash.length));
  const type = hash === "" ? "property" : "comment";
  if (match === null) return { ...none, type: hash === "" ? "other" : "comment" };
  const written = match[3] ?? "";
  const key = match[1] ?? match[2] ?? "";
  return { line, type, key, value: written.trimEnd(), valueStart: line.end - written.length };
}

function nextFilters(current: readonly string[], filter: string): readonly string[] {
  if (filter === "all") return [];
  const type = filterType(filter);
  // Only "none, one or several" matters here; an endless list of filters must not cost memory.
  return [...current.filter((each) => filterType(each) !== type).slice(-mostFilters), filter];
}

/** Models exclude one another; what else there is counts as a type of its own, so that it is never mistaken. */
function filterType(filter: string): string {
  return /^(?:pi|cm)\d[0-9a-z+]*$/.test(filter) ? "model" : filter;
}
