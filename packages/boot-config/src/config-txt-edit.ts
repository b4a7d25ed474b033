import { BootConfigError } from "./boot-config-error.ts";
import { checkConfigText } from "./config-text.ts";
import {
  blankKeywords,
  type ConfigTxtLine,
  longestConfigTxtLine,
  parseConfigTxt,
} from "./config-txt-line.ts";
import { applySplices, type Splice } from "./splice.ts";
import { lineEndingOf, splitLines, wholeLineRange } from "./text-line.ts";

/** A setting of config.txt. `section` is a filter without its brackets, `all` when it is not given. */
export interface ConfigTxtSetting {
  readonly section?: string;
  readonly key: string;
  readonly value: string;
}

/** What to take out: every line of the key in the section, or only those with the value. */
export interface ConfigTxtRemoval {
  readonly section?: string;
  readonly key: string;
  readonly value?: string;
}

/** `remove` comes first, then `set`; each in its own order. */
export interface ConfigTxtEdit {
  readonly remove?: readonly ConfigTxtRemoval[];
  readonly removeIfPresent?: readonly ConfigTxtRemoval[];
  readonly set?: readonly ConfigTxtSetting[];
}

export interface ConfigTxtResult {
  readonly text: string;
  /** Lines added, changed or taken out. */
  readonly changedLines: number;
}

/** Keys that may stand any number of times; to set one adds a line instead of changing another. */
export const repeatedConfigTxtKeys: ReadonlySet<string> = new Set([
  "dtoverlay",
  "dtparam",
  "device_tree_overlay",
  "device_tree_param",
  "gpio",
  "include",
]);

/**
 * Edits config.txt.
 *
 * To set a key changes its last line in the section, since the last one counts; a key that may repeat gets a
 * further line unless it is there with that value. Otherwise a commented line with the same key and value is
 * uncommented where it stands, or a line goes to the end of the section, which is made when there is none.
 *
 * @throws BootConfigError CONFIG_TXT_INVALID when a key, value or section cannot stand in the file or the line
 * is longer than the 98 characters that the firmware reads, CONFIG_TXT_MISSING when `remove` finds nothing,
 * BOOT_TEXT_BINARY when the file is no text.
 */
export function applyConfigTxt(text: string, edit: ConfigTxtEdit): ConfigTxtResult {
  checkConfigText(text);
  let result: ConfigTxtResult = { text, changedLines: 0 };
  const step = (next: ConfigTxtResult): void => {
    result = { text: next.text, changedLines: result.changedLines + next.changedLines };
  };
  for (const removal of edit.remove ?? []) step(remove(result.text, removal, true));
  for (const removal of edit.removeIfPresent ?? []) step(remove(result.text, removal, false));
  for (const setting of edit.set ?? []) step(set(result.text, setting));
  return result;
}

function set(text: string, setting: ConfigTxtSetting): ConfigTxtResult {
  checkSetting(setting);
  const section = setting.section ?? "all";
  const lines = parseConfigTxt(text);
  const here = lines.filter(
    (each) => isIn(each, section) && each.key === setting.key && each.type !== "filter",
  );
  const active = here.filter((each) => each.type === "property");
  const last = active.at(-1);
  if (repeatedConfigTxtKeys.has(setting.key)) {
    if (active.some((each) => each.value === setting.value)) return { text, changedLines: 0 };
  } else if (last !== undefined) return changeValue(text, last, setting.value);
  const commented = here.find((each) => each.type === "comment" && each.value === setting.value);
  const body = written(setting);
  if (commented === undefined) return addLine(text, lines, section, body);
  const { start, end } = commented.line;
  return { text: applySplices(text, [{ start, end, text: body }]), changedLines: 1 };
}

function changeValue(
  text: string,
  { value, valueStart, line }: ConfigTxtLine,
  wanted: string,
): ConfigTxtResult {
  if (value === wanted) return { text, changedLines: 0 };
  return { text: applySplices(text, [{ start: valueStart, end: line.end, text: wanted }]), changedLines: 1 };
}

function addLine(
  text: string,
  lines: readonly ConfigTxtLine[],
  section: string,
  body: string,
): ConfigTxtResult {
  const home = lastLineOf(lines, section);
  if (home !== undefined) return insertBehind(text, home.line.next, [body]);
  const isOpen = (lines.at(-1)?.filters ?? []).length > 0;
  const headers = [...(isOpen ? ["[all]"] : []), ...(section === "all" ? [] : [`[${section}]`])];
  return insertBehind(text, text.length, [...headers, body]);
}

/** The last setting or filter of the section, or its last comment. */
function lastLineOf(lines: readonly ConfigTxtLine[], section: string): ConfigTxtLine | undefined {
  const here = lines.filter((each) => isIn(each, section) && each.type !== "blank");
  return here.findLast((each) => each.type !== "comment") ?? here.at(-1);
}

function insertBehind(text: string, offset: number, added: readonly string[]): ConfigTxtResult {
  const ending = lineEndingOf(text);
  const ended = offset === 0 || text[offset - 1] === "\n";
  const block = ended
    ? added.map((each) => each + ending).join("")
    : added.map((each) => ending + each).join("");
  return {
    text: applySplices(text, [{ start: offset, end: offset, text: block }]),
    changedLines: added.length,
  };
}

function remove(text: string, removal: ConfigTxtRemoval, isStrict: boolean): ConfigTxtResult {
  const section = removal.section ?? "all";
  checkSection(section);
  const doomed = parseConfigTxt(text).filter(
    (each) =>
      each.type === "property" &&
      isIn(each, section) &&
      each.key === removal.key &&
      (removal.value === undefined || each.value === removal.value),
  );
  if (doomed.length === 0 && isStrict) throw missing(section, removal);
  return { text: applySplices(text, cuts(text, doomed)), changedLines: doomed.length };
}

function cuts(text: string, doomed: readonly ConfigTxtLine[]): Splice[] {
  const total = splitLines(text).length;
  // The last line takes the ending before it along, unless that goes with its own line already.
  const numbers = new Set(doomed.map(({ line }) => line.number));
  return doomed.map(({ line }) => {
    const isAlone = line.number < total || numbers.has(line.number - 1);
    const range = isAlone ? { start: line.start, end: line.next } : wholeLineRange(text, line);
    return { ...range, text: "" };
  });
}

function isIn({ filters }: ConfigTxtLine, section: string): boolean {
  return section === "all" ? filters.length === 0 : filters.length === 1 && filters[0] === section;
}

function written({ key, value }: ConfigTxtSetting): string {
  return `${key}${blankKeywords.has(key) ? " " : "="}${value}`;
}

function checkSetting(setting: ConfigTxtSetting): void {
  const { key, value, section } = setting;
  checkSection(section ?? "all");
  if (!/^[A-Za-z0-9_.:+-]+$/.test(key))
    throw invalid(`the key ${JSON.stringify(key)} cannot stand there`, key);
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f]/.test(value)) throw invalid(`the value of ${key} holds a control character`, key);
  if (/^[ ]|[ ]$/.test(value)) throw invalid(`the value of ${key} begins or ends with a space`, key);
  const { length } = written(setting);
  if (length > longestConfigTxtLine) {
    throw invalid(
      `${key} makes a line of ${length} characters, the firmware reads ${longestConfigTxtLine}`,
      key,
    );
  }
}

function checkSection(section: string): void {
  // oxlint-disable-next-line no-control-regex
  if (section === "" || /[[\]\0-\x1f\x7f]/.test(section)) {
    throw invalid(`the section ${JSON.stringify(section)} cannot stand between brackets`, section);
  }
}

function invalid(reason: string, key: string): BootConfigError {
  return new BootConfigError("CONFIG_TXT_INVALID", `editing config.txt: ${reason}`, { key });
}

function missing(section: string, { key, value }: ConfigTxtRemoval): BootConfigError {
  const wanted = value === undefined ? key : `${key}=${value}`;
  return new BootConfigError(
    "CONFIG_TXT_MISSING",
    `editing config.txt: no ${wanted} to remove in [${section}]`,
    {
      key,
      section,
    },
  );
}
