import type { Findings, Verdict } from "./benchmark.ts";
import { markdownTable } from "./markdown-table.ts";

export interface Section extends Findings {
  readonly name: string;
  readonly title: string;
}

/** The text of docs/BENCHMARKS.md. */
export function renderDocument(
  sections: readonly Section[],
  machine: readonly string[],
  image: string,
  date: string,
): string {
  return (
    [
      "# Benchmarks",
      "Written by `npm run bench`; every number is measured. Programs that are compared ran in turns in one run, and what is shown are medians: what disturbs the machine disturbs them alike, so trust ratios more than seconds. CPU seconds are user and system time of all processes of a command; memory is the largest process at its largest. `bootstamp` is the built program, started anew for each line.",
      machine.map((line) => `- ${line}`).join("\n") + `\n- ${image}\n- ${date}`,
      "## Budgets",
      budgetTable(sections.flatMap(({ verdicts }) => verdicts)),
      ...sections.map(renderSection),
      "",
    ]
      .join("\n\n")
      .trimEnd() + "\n"
  );
}

export function renderSection({ name, title, text }: Section): string {
  return `## ${title}\n\n\`npm run bench -- ${name}\`\n\n${text}`;
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
