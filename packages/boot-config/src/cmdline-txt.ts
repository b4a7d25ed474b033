/*
 * cmdline.txt of the Raspberry Pi: the kernel command line on one line, no comments (Raspberry Pi
 * documentation, "Kernel command line"). Further lines are not part of it.
 */
import { BootConfigError } from "./boot-config-error.ts";
import type { KernelLines } from "./kernel-line.ts";
import { plainWords } from "./plain-words.ts";
import { splitLines, type TextLine } from "./text-line.ts";

/**
 * Finds the command line: the first line that is not blank, or an empty one at the start.
 *
 * @throws BootConfigError BOOT_TEXT_SYNTAX when it cannot be split into arguments.
 */
export function findCmdlineTxtLines(text: string): KernelLines {
  const filled = splitLines(text).filter((line) => !isBlank(text, line));
  const first = filled[0] ?? { number: 1, start: 0, end: blankEnd(text), next: text.length };
  const start = text.startsWith("\uFEFF", first.start) ? first.start + 1 : first.start;
  const words = plainWords(text, start, first.end);
  if (words === undefined) {
    throw new BootConfigError(
      "BOOT_TEXT_SYNTAX",
      `reading cmdline.txt: line ${first.number} has a double quote that stays open`,
      {
        line: first.number,
      },
    );
  }
  const place = { shape: "line" as const, lineNumber: first.number, start, end: first.end, words };
  const left = filled
    .slice(1)
    .map((line) => ({ lineNumber: line.number, reason: "only the first line of cmdline.txt is read" }));
  return { lines: [{ places: [place], target: 0 }], left };
}

function isBlank(text: string, { start, end }: TextLine): boolean {
  return /^[\uFEFF \t\v\f\r]*$/.test(text.slice(start, end));
}

function blankEnd(text: string): number {
  const first = splitLines(text)[0];
  return first?.end ?? 0;
}
