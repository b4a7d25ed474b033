// npm run bench [-- NAME...]: measures, keeps what came of it, and writes docs/BENCHMARKS.md from all that is kept.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Benchmark } from "./benchmark.ts";
import { benchmarks, chooseBenchmarks } from "./benchmarks.ts";
import { budgetTable, renderDocument, type MeasuredSection } from "./document.ts";
import { describeCircumstances, describeMachine, fileSystemOf, measureSteadiness } from "./machine.ts";
import { mebibytesText } from "./quantity.ts";
import { readRecords, writeRecord } from "./records.ts";
import { isTiny } from "./tiny.ts";
import { withSite, type Site } from "./site.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const say = (line: string): void => console.error(line);

/** What is kept of the benchmarks that there are, in their order. */
function sectionsKept(): MeasuredSection[] {
  const records = readRecords();
  return benchmarks.map(({ name }) => records.get(name)).filter((record) => record !== undefined);
}

async function measure({ name, title, run }: Benchmark, site: Site, machine: string[]): Promise<void> {
  say(`\n${title}`);
  const before = measureSteadiness();
  const known = new Map(site.peaks);
  const findings = await run(site);
  const circumstances = describeCircumstances(new Date(), before, measureSteadiness());
  const peaks = Object.fromEntries(
    [...site.peaks].filter(([command, bytes]) => known.get(command) !== bytes),
  );
  console.log(`\n${findings.text}\n\n${budgetTable(findings.verdicts)}`);
  if (isTiny) return;
  writeRecord({ name, title, ...findings, circumstances, machine, peaks });
  writeFileSync(`${repository}docs/BENCHMARKS.md`, renderDocument(sectionsKept()));
}

async function measureAll(site: Site): Promise<void> {
  const { recipe, length, boot } = site.base;
  const image = `\`base.img\`: the test image \`${recipe}\`, ${mebibytesText(length)}, with ${boot.fileSystem} in its boot partition; two small files in it are edited`;
  const machine = [...(await describeMachine(await fileSystemOf(site.folder))), image];
  for (const benchmark of chosen) await measure(benchmark, site, machine);
  if (isTiny) return;
  execFileSync("oxfmt", ["docs/BENCHMARKS.md", "tools/bench/results"], { cwd: repository, stdio: "pipe" });
  say("\nwrote docs/BENCHMARKS.md");
}

const chosen = chooseBenchmarks(process.argv.slice(2));
say("building the program");
execFileSync("nx", ["run-many", "-t", "build", "-p", "bootstamp"], { cwd: repository, stdio: "pipe" });
await withSite(say, measureAll);
