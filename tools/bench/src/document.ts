import type { Findings, Verdict } from "./benchmark.ts";
import { markdownTable } from "./markdown-table.ts";

/** What one run of a benchmark found. */
export interface Section extends Findings {
  readonly name: string;
  readonly title: string;
}

/** A section with what has to be known of its run: everything in it was measured side by side, at one time. */
export interface MeasuredSection extends Section {
  /** The day, and how even the machine ran, on one line. */
  readonly circumstances: string;
  /** What it was measured on and with, and of what. */
  readonly machine: readonly string[];
}

/** The text of docs/BENCHMARKS.md. A section that was measured on another machine than the last one says so itself. */
export function renderDocument(sections: readonly MeasuredSection[]): string {
  const machine = sections.at(-1)?.machine ?? [];
  return (
    [
      "# Benchmarks",
      "Written by `npm run bench`; every number is measured. A section is one run: programs that are compared ran in it in turns, and what is shown are medians. What disturbs the machine disturbs them alike, so trust ratios more than seconds. CPU seconds are user and system time of all processes of a command; memory is the largest process at its largest. `bootstamp` is the built program, started anew for each line.",
      listText(machine),
      "## Budgets",
      budgetTable(sections.flatMap(({ verdicts }) => verdicts)),
      ...sections.map((section) => renderSection(section, machine)),
      "",
    ]
      .join("\n\n")
      .trimEnd() + "\n"
  );
}

function renderSection(section: MeasuredSection, usual: readonly string[]): string {
  const own = listText(section.machine);
  const { name, title, circumstances, text } = section;
  return [
    `## ${title}`,
    `\`npm run bench -- ${name}\`, ${circumstances}`,
    ...(own === listText(usual) ? [] : [own]),
    text,
  ].join("\n\n");
}

function listText(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

export function budgetTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ what, target, measured, met }) => [
    what,
    target,
    measured,
    met ? "met" : "**not met**",
  ]);
  return markdownTable(["what", "target", ">measured", ""], rows);
}
