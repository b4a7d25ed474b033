// npm run bench [-- NAME...]: measures, prints the tables, and writes docs/BENCHMARKS.md if all was measured.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chooseBenchmarks } from "./benchmarks.ts";
import { budgetTable, renderDocument, renderSection, type Section } from "./document.ts";
import { describeMachine, fileSystemOf, measureSteadiness } from "./machine.ts";
import { mebibytesText } from "./quantity.ts";
import { withSite, type Site } from "./site.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const names = process.argv.slice(2);
const say = (line: string): void => console.error(line);

async function runAll(site: Site): Promise<Section[]> {
  const sections: Section[] = [];
  for (const { name, title, run } of chooseBenchmarks(names)) {
    say(`\n${title}`);
    const section = { name, title, ...(await run(site)) };
    console.log(`\n${renderSection(section)}`);
    sections.push(section);
  }
  return sections;
}

async function measureAndWrite(site: Site): Promise<void> {
  const before = measureSteadiness();
  const sections = await runAll(site);
  console.log(`\n${budgetTable(sections.flatMap(({ verdicts }) => verdicts))}`);
  // The document is one run on one machine: a part of it must not be older than another.
  if (names.length > 0) return;
  const machine = await describeMachine(before, measureSteadiness(), await fileSystemOf(site.folder));
  const { recipe, length, boot } = site.base;
  const image = `\`base.img\`: the test image \`${recipe}\`, ${mebibytesText(length)}, with ${boot.fileSystem} in its boot partition; two small files in it are edited`;
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(`${repository}docs/BENCHMARKS.md`, renderDocument(sections, machine, image, date));
  say("\nwrote docs/BENCHMARKS.md");
}

chooseBenchmarks(names);
say("building the program");
execFileSync("nx", ["run-many", "-t", "build", "-p", "bootstamp"], { cwd: repository, stdio: "pipe" });
await withSite(say, measureAndWrite);
